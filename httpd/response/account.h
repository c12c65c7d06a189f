// What is said about a request for an image when its answer is known, before anything is sent: it
// is counted for its virtual host, noted for LogFormat, timed for browsers, and logged.
//
// Notes, as in LogFormat "%{iip-cache}n":
//   iip-path   document, stored, tile, region, redirect, not-modified, head, or error
//   iip-cache  hit, shared (another request made it), remote, or miss; none where no cache is asked
//   iip-us     microseconds from the handler's start
//
// Belongs to the thread of one request.
#pragma once

#include "engine/service/answer.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

class RequestAccount {
 public:
  // Counts the request, once for all attempts at it. `name` is the image's, for the log.
  RequestAccount(request_rec* r, const char* name);

  // One of these, once:
  void body(const Body& body);
  void not_modified();
  void headers_only(const char* path);  // redirect or head
  void failure(ErrorKind kind);

 private:
  WorkCounters& work() const;
  std::int64_t elapsed() const;  // microseconds
  void note(const char* path, const char* cache) const;
  void send_timings(const AnswerCourse& course, const char* cache) const;

  request_rec* const r_;
  const char* const name_;
  const apr_time_t start_;
};

}  // namespace iip

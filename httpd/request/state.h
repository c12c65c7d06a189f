// What the hooks of one service request (handler `iip`) leave for those after them. Kept in the
// request's pool, reached through its request_config. As the request, it is one thread's at a time.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/request.h"
#include "httpd/apr/apache.h"
#include "httpd/apr/pool_resource.h"

namespace iip {

struct DirConfig;
struct FileLookup;
struct KnownAnswer;

struct RequestState {
  explicit RequestState(apr_pool_t* pool) : memory(pool) {}

  PoolResource memory;

  // The path as httpd normalised it, before it was decoded, and what r->uri then became.
  const char* encoded_path = nullptr;
  const char* decoded_path = nullptr;

  // The body of a POST, once it was read.
  std::optional<std::string_view> form;

  bool is_service = false;         // translate_name took the request; the rest is valid
  const DirConfig* dir = nullptr;  // in force for the URL, before any directory was looked at
  const char* service_path = "";   // the service's own URL path, decoded, without a final '/'
  std::string_view question;       // empty: see question.h
  // One of these. What is known may turn out not to hold, then the handler parses.
  std::shared_ptr<const KnownAnswer> known;
  std::optional<Parsed> parsed;
  std::optional<Error> error;        // why the request can not be served
  const char* image_file = nullptr;  // below the prefix
  const char* prefix = nullptr;      // these two are set if httpd's core is to check the file:
  const char* filename = nullptr;    // prefix and image_file, as given to the core
  const char* denied_url = nullptr;  // of the image, where its rules do not let the client have it
  bool tries_again = false;          // the request was begun anew, see try_again.h
  const FileLookup* lookup = nullptr;  // of the subrequest that is being made, see file_lookup.h
};

// nullptr: no hook has left anything.
RequestState* find_state(const request_rec* r);

// The request's state, created where there is none yet.
RequestState& request_state(request_rec* r);
// nullptr where translate_name did not take the request for a service.
RequestState* service_state(const request_rec* r);

}  // namespace iip

#include "httpd/response/account.h"

#include <optional>

#include "httpd/request/try_again.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

const char* name_of(AnswerPath path) {
  switch (path) {
    case AnswerPath::document:
      return "document";
    case AnswerPath::stored_tile:
      return "stored";
    case AnswerPath::tile:
      return "tile";
    case AnswerPath::region:
      return "region";
  }
  return "";
}

const char* name_of(std::optional<PictureOrigin> origin) {
  if (!origin) return "none";
  switch (*origin) {
    case PictureOrigin::cache:
      return "hit";
    case PictureOrigin::another_request:
      return "shared";
    case PictureOrigin::remote:
      return "remote";
    case PictureOrigin::made:
      return "miss";
  }
  return "none";
}

std::optional<Work> counter_of(AnswerPath path) {
  if (path == AnswerPath::document) return Work::documents;
  if (path == AnswerPath::stored_tile) return Work::stored_tiles;
  return std::nullopt;  // pictures are counted where they are found or made
}

std::optional<Work> counter_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::busy:
      return Work::refused_busy;
    case ErrorKind::too_large:
      return Work::refused_too_large;
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      return Work::failures;
    case ErrorKind::client_gone:
      return Work::clients_gone;
    default:
      return std::nullopt;  // the client's own fault
  }
}

const char* milliseconds(apr_pool_t* pool, std::int64_t microseconds) {
  return apr_psprintf(pool, "%" APR_INT64_T_FMT ".%03d", microseconds / 1000,
                      static_cast<int>(microseconds % 1000));
}

}  // namespace

RequestAccount::RequestAccount(request_rec* r, const char* name)
    : r_(r), name_(name), start_(apr_time_now()) {
  if (!is_another_attempt(r)) work().add(Work::requests);
}

WorkCounters& RequestAccount::work() const {
  const ServerConfig& server = server_config(r_->server);
  return server.host->work(server.client);
}

std::int64_t RequestAccount::elapsed() const {
  const apr_time_t now = apr_time_now();
  return now > start_ ? now - start_ : 0;  // clocks are set back now and then
}

void RequestAccount::note(const char* path, const char* cache) const {
  apr_table_setn(r_->notes, "iip-path", path);
  apr_table_setn(r_->notes, "iip-cache", cache);
  apr_table_setn(r_->notes, "iip-us", apr_off_t_toa(r_->pool, elapsed()));
}

void RequestAccount::send_timings(const AnswerCourse& course, const char* cache) const {
  if (!dir_config(r_).server_timing.value_or(false)) return;
  apr_table_mergen(r_->headers_out, "Server-Timing",
                   apr_psprintf(r_->pool, "cache;desc=%s, wait;dur=%s, render;dur=%s, total;dur=%s",
                                cache, milliseconds(r_->pool, course.waited.count()),
                                milliseconds(r_->pool, course.made_in.count()),
                                milliseconds(r_->pool, elapsed())));
}

void RequestAccount::body(const Body& body) {
  const AnswerCourse& course = body.course;
  const char* path = name_of(course.path);
  const char* cache = name_of(course.origin);
  if (const auto counter = counter_of(course.path)) work().add(*counter);
  work().add(Work::bytes_sent, body.length());
  note(path, cache);
  send_timings(course, cache);
  RequestLog log(r_);
  if (!log.enabled(LogLevel::debug)) return;
  log.write(LogLevel::debug,
            apr_psprintf(r_->pool,
                         "%s: %s, cache %s, %" APR_UINT64_T_FMT " bytes; waited %" APR_INT64_T_FMT
                         " us, made in %" APR_INT64_T_FMT " us, in all %" APR_INT64_T_FMT " us",
                         name_, path, cache, body.length(),
                         static_cast<apr_int64_t>(course.waited.count()),
                         static_cast<apr_int64_t>(course.made_in.count()), elapsed()));
}

void RequestAccount::not_modified() {
  work().add(Work::not_modified);
  note("not-modified", "none");
}

void RequestAccount::headers_only(const char* path) { note(path, "none"); }

void RequestAccount::failure(ErrorKind kind) {
  if (const auto counter = counter_of(kind)) work().add(*counter);
  note("error", "none");
}

}  // namespace iip

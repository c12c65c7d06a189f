#include "httpd/response/response.h"

#include "httpd/apr/bytes_bucket.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

constexpr std::int64_t kNanosecondsInMicrosecond = 1000;  // httpd's times are in microseconds
// Less than this httpd keeps back until it has looked in vain for the client's next request.
constexpr apr_off_t kHeldBack = 4096;

struct ErrorTraits {
  int status;
  LogLevel level;
};

ErrorTraits traits(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed:
      return {HTTP_BAD_REQUEST, LogLevel::info};
    case ErrorKind::forbidden:
      return {HTTP_FORBIDDEN, LogLevel::error};
    case ErrorKind::not_found:
      return {HTTP_NOT_FOUND, LogLevel::info};
    case ErrorKind::too_large:
      return {HTTP_REQUEST_ENTITY_TOO_LARGE, LogLevel::notice};
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      return {HTTP_INTERNAL_SERVER_ERROR, LogLevel::error};
    case ErrorKind::unsupported:
      return {HTTP_NOT_IMPLEMENTED, LogLevel::notice};
    case ErrorKind::busy:
      return {HTTP_SERVICE_UNAVAILABLE, LogLevel::warning};
    case ErrorKind::client_gone:
      return {HTTP_REQUEST_TIME_OUT, LogLevel::debug};
  }
  return {HTTP_INTERNAL_SERVER_ERROR, LogLevel::error};
}

const char* pool_text(apr_pool_t* pool, std::string_view text) {
  return apr_pstrmemdup(pool, text.data(), text.size());
}

// A file that has not settled may change again without that showing: its ETag is weak until then.
const char* entity_tag(request_rec* r, const AnswerHead& head) {
  const auto hex = head.etag.hex();
  const char* opening = head.settled ? "\"" : "W/\"";
  return apr_pstrcat(r->pool, opening, pool_text(r->pool, {hex.data(), hex.size()}), "\"", nullptr);
}

// Pictures are compressed already; a filter that did it again would also change their ETag.
void leave_uncompressed(request_rec* r) {
  apr_table_setn(r->subprocess_env, "no-gzip", "1");
  apr_table_setn(r->subprocess_env, "no-brotli", "1");
}

apr_bucket_brigade* new_brigade(request_rec* r) {
  return apr_brigade_create(r->pool, r->connection->bucket_alloc);
}

// Pool memory is enough for text: httpd keeps the pool until the last byte is out.
void append_text(apr_bucket_brigade* brigade, request_rec* r, const char* text,
                 std::size_t length) {
  if (length == 0) return;
  apr_bucket* bucket = apr_bucket_pool_create(text, length, r->pool, brigade->bucket_alloc);
  APR_BRIGADE_INSERT_TAIL(brigade, bucket);
}

void append_bytes(apr_bucket_brigade* brigade, Bytes bytes) {
  if (bytes.empty()) return;
  apr_bucket* bucket = bytes_bucket(std::move(bytes), brigade->bucket_alloc);
  APR_BRIGADE_INSERT_TAIL(brigade, bucket);
}

// The slice read into memory, for connections whose buckets may outlive the request's pool.
Status append_slice_copy(apr_bucket_brigade* brigade, const File& file, const Body& body) {
  ByteVector slice(static_cast<std::size_t>(body.file_length));
  if (auto read = file.read_at(body.file_offset, slice); !read) return pass_on(read);
  append_bytes(brigade, Bytes(std::move(slice)));
  return {};
}

// Never mapped into memory: a map of a file that is truncated meanwhile would end the process.
void append_slice(apr_bucket_brigade* brigade, request_rec* r, File& file, const Body& body) {
  const auto* core =
      static_cast<const core_dir_config*>(ap_get_core_module_config(r->per_dir_config));
  const bool sendfile = core->enable_sendfile == ENABLE_SENDFILE_ON;
  const auto* owner = pool_new<UniqueFd>(r->pool, file.take_descriptor());
  apr_os_file_t descriptor = owner->get();
  apr_file_t* handle = nullptr;
  apr_os_file_put(&handle, &descriptor,
                  APR_FOPEN_READ | (sendfile ? APR_FOPEN_SENDFILE_ENABLED : 0), r->pool);
  apr_bucket* bucket =
      apr_brigade_insert_file(brigade, handle, static_cast<apr_off_t>(body.file_offset),
                              static_cast<apr_off_t>(body.file_length), r->pool);
  apr_bucket_file_enable_mmap(bucket, 0);
}

// A short answer is on its way before the request is logged and its memory given back: a client
// that goes on at once then finds this thread still there. Behind what a slow client has not taken
// yet, it waits with that.
int pass(request_rec* r, apr_bucket_brigade* brigade) {
  conn_rec* connection = r->connection;
  apr_off_t length = 0;
  apr_brigade_length(brigade, 0, &length);
  const bool is_short =
      length < kHeldBack && !connection->master && !connection->data_in_output_filters;
  APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(brigade->bucket_alloc));
  apr_status_t status = ap_pass_brigade(r->output_filters, brigade);
  if (status == APR_SUCCESS && is_short) {
    apr_brigade_cleanup(brigade);
    status = ap_fflush(connection->output_filters, brigade);
  }
  const bool client_left = connection->aborted;
  return status == APR_SUCCESS || client_left ? OK : AP_FILTER_ERROR;
}

int send_error_text(request_rec* r, int status, std::string_view text, const char* type) {
  // Nothing of what was prepared for the answer goes out with its error.
  r->headers_out = apr_table_make(r->pool, 8);
  if (status == HTTP_SERVICE_UNAVAILABLE) apr_table_setn(r->err_headers_out, "Retry-After", "1");
  if (ap_response_code_string(r, ap_index_of_response(status))) return status;
  return send_text(r, status, text, type);
}

}  // namespace

void add_answer_headers(request_rec* r, const AnswerHead& head, const DirConfig& dir,
                        bool varies_on_accept) {
  // mod_mime took language and encoding from the name of the source file.
  r->content_languages = nullptr;
  r->content_encoding = nullptr;
  if (head.content_type.empty()) {
    r->content_type = nullptr;
  } else {
    ap_set_content_type(r, pool_text(r->pool, head.content_type));
    if (head.content_type.starts_with("image/")) leave_uncompressed(r);
  }
  for (const Header& header : head.headers) {
    apr_table_set(r->headers_out, pool_text(r->pool, header.name), header.value.c_str());
  }
  const char* cache_control = dir.cache_control ? dir.cache_control : kUsualCacheControl;
  if (cache_control[0] != '\0' && !apr_table_get(r->headers_out, "Cache-Control") &&
      !apr_table_get(r->err_headers_out, "Cache-Control")) {
    apr_table_setn(r->headers_out, "Cache-Control", cache_control);
  }
  // Documents hold text of image files; a browser is not to take it for a page.
  if (!head.content_type.starts_with("image/")) {
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "Content-Security-Policy", "sandbox");
  }
  if (varies_on_accept) apr_table_mergen(r->headers_out, "Vary", "Accept");
  if (head.etag == Digest{}) return;
  apr_table_setn(r->headers_out, "ETag", entity_tag(r, head));
  ap_update_mtime(r, head.mtime_ns / kNanosecondsInMicrosecond);
  ap_set_last_modified(r);
}

int send_body(request_rec* r, Body body, File* file) {
  apr_bucket_brigade* brigade = new_brigade(r);
  const auto length = static_cast<apr_off_t>(body.length());
  append_text(brigade, r, pool_text(r->pool, body.text), body.text.size());
  append_bytes(brigade, std::move(body.bytes));
  if (file != nullptr && body.file_length > 0) {
    if (r->connection->master) {
      if (auto copied = append_slice_copy(brigade, *file, body); !copied) {
        return send_error(r, copied.error(), r->uri);
      }
    } else {
      append_slice(brigade, r, *file, body);
    }
  }
  ap_set_content_length(r, length);
  return pass(r, brigade);
}

int send_headers_only(request_rec* r) { return pass(r, new_brigade(r)); }

int send_text(request_rec* r, int status, std::string_view text, const char* type) {
  r->status = status;
  r->status_line = nullptr;
  r->no_local_copy = 1;
  ap_set_content_type(r, type);
  apr_table_setn(r->headers_out, "Cache-Control", "no-store");
  apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
  ap_set_content_length(r, static_cast<apr_off_t>(text.size()));
  apr_bucket_brigade* brigade = new_brigade(r);
  append_text(brigade, r, pool_text(r->pool, text), text.size());
  return pass(r, brigade);
}

int send_error(request_rec* r, const Error& error, const char* name) {
  const ErrorTraits as = traits(error.kind);
  RequestLog log(r);
  if (log.enabled(as.level)) {
    std::string line = std::string(name) + ": " + error.message;
    if (!error.detail.empty()) line += ": " + error.detail;
    log.write(as.level, line);
  }
  if (!error.wire_body.empty()) {
    return send_error_text(r, as.status, error.wire_body, "application/vnd.netfpx");
  }
  return send_error_text(r, as.status, error.message + "\n", "text/plain; charset=utf-8");
}

int send_method_not_allowed(request_rec* r, const char* methods) {
  apr_table_setn(r->err_headers_out, "Allow", methods);
  return send_error_text(r, HTTP_METHOD_NOT_ALLOWED, "This method is not allowed here\n",
                         "text/plain; charset=utf-8");
}

}  // namespace iip

#include "httpd/translate.h"

#include <algorithm>

#include "engine/protocol/parse.h"
#include "engine/source/open_beneath.h"
#include "httpd/config.h"
#include "httpd/cors.h"
#include "httpd/log.h"
#include "httpd/request.h"
#include "httpd/state.h"

namespace iip {

namespace {

constexpr std::size_t kMaxName = 255;   // of one path segment, in all common file systems
constexpr std::size_t kMaxPath = 4096;  // of the whole

// httpd answers names that no file can have with 403; they are just not there.
Status check_lengths(std::string_view name) {
  const auto too_long =
      fail(ErrorKind::not_found, "The image is not there", "the name is too long");
  if (name.size() >= kMaxPath) return too_long;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    if (end - start > kMaxName) return too_long;
    start = end + 1;
  }
  return {};
}

// The file below the prefix for an image's name.
Result<const char*> image_file(request_rec* r, const DirConfig& dir, std::string_view image) {
  if (auto checked = check_image_name(image); !checked) return pass_on(checked);
  const char* file = apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, image.data(), image.size()),
                                 dir.suffix ? dir.suffix : "", nullptr);
  if (auto checked = check_lengths(file); !checked) return pass_on(checked);
  return file;
}

Status locate(request_rec* r, const DirConfig& dir, RequestState& state) {
  if (!dir.prefix) {
    return fail(ErrorKind::forbidden, "This service is not configured",
                "IIPFilesystemPrefix is not set for this URL");
  }
  auto target = service_target(r, state);
  if (!target) return pass_on(target);
  auto parsed = parse(*target, parse_options(dir), &state.memory);
  if (!parsed) return pass_on(parsed);
  auto file = image_file(r, dir, parsed->image);
  state.parsed = std::move(*parsed);
  if (!file) return pass_on(file);
  state.image_file = *file;
  return {};
}

}  // namespace

int pre_translate_name(request_rec* r) {
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 118)
  if (!is_service_request(r)) return DECLINED;
  RequestState& state = request_state(r);
  state.encoded_path = apr_pstrdup(r->pool, r->parsed_uri.path);
  const int status = ap_unescape_url_ex(
      r->parsed_uri.path, AP_UNESCAPE_URL_KEEP_SLASHES | AP_UNESCAPE_URL_KEEP_UNRESERVED);
  if (status != OK) return status;
  state.decoded_path = apr_pstrdup(r->pool, r->parsed_uri.path);
  return DONE;
#else
  return DECLINED;
#endif
}

int translate_name(request_rec* r) {
  follow_rewrite(r);
  if (!is_service_request(r)) return DECLINED;
  const DirConfig& dir = dir_config(r);
  RequestState& state = request_state(r);
  state.is_service = true;
  state.service_path = find_service_path(r);
  const bool is_preflight = r->method_number == M_OPTIONS;
  auto located = locate(r, dir, state);
  if (!located) {
    state.error = std::move(located.error());
  } else if (!is_preflight) {
    state.prefix = dir.prefix;
    state.filename = apr_pstrcat(r->pool, state.prefix, state.image_file, nullptr);
  }
  allow_origin(r, dir, state.parsed ? state.parsed->protocol : likely_protocol(r, dir));
  r->filename = apr_pstrdup(r->pool, state.filename ? state.filename : r->uri);
  r->canonical_filename = r->filename;
  r->path_info = nullptr;
  return OK;
}

int map_to_storage(request_rec* r) {
  const RequestState* state = service_state(r);
  return state && !state->filename ? OK : DECLINED;
}

int fixups(request_rec* r) {
  const RequestState* state = service_state(r);
  if (!state) return DECLINED;
  // A rewrite rule beside the image may have sent the request elsewhere.
  const std::string_view filename(r->filename ? r->filename : "");
  if (filename != (state->filename ? state->filename : r->uri) &&
      !std::string_view(state->filename ? state->filename : "").starts_with(filename)) {
    return DECLINED;
  }
  r->handler = "iip";
  // A directory is not an image; mod_dir would redirect to it.
  if (r->finfo.filetype == APR_DIR) r->finfo.filetype = APR_NOFILE;
  return OK;
}

int log_transaction(request_rec* r) {
  const RequestState* state = service_state(r);
  if (!state || !state->filename || r->status != HTTP_FORBIDDEN) return DECLINED;
  RequestLog log(r);
  log.write(LogLevel::warning,
            apr_psprintf(r->pool,
                         "httpd denied access to the image %s: its directory needs <Directory "
                         "\"%s\"> with Require all granted, and FollowSymLinks for symbolic links",
                         state->image_file, state->prefix));
  return DECLINED;
}

}  // namespace iip

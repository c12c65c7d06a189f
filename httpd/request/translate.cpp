#include "httpd/request/translate.h"

#include "httpd/config/config.h"
#include "httpd/request/cors.h"
#include "httpd/request/file_lookup.h"
#include "httpd/request/locate.h"
#include "httpd/request/locations.h"
#include "httpd/request/question.h"
#include "httpd/request/request.h"
#include "httpd/request/state.h"
#include "httpd/server/known_answers.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

// Whether the state has got a known answer.
bool find_known(request_rec* r, const DirConfig& dir, RequestState& state) {
  state.question = question_of(r, dir, state);
  const KnownAnswers* known = server_config(r->server).known;
  if (state.question.empty() || !known) return false;
  state.known = known->find(state.question);
  if (state.known) state.image_file = state.known->image_file.c_str();
  return state.known != nullptr;
}

Protocol protocol_of(const request_rec* r, const DirConfig& dir, const RequestState& state) {
  if (state.known) return state.known->protocol;
  return state.parsed ? state.parsed->protocol : likely_protocol(r, dir);
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
  state.dir = &dir;
  state.service_path = find_service_path(r);
  const bool is_preflight = r->method_number == M_OPTIONS;
  if (!find_known(r, dir, state)) {
    if (auto located = locate(r, dir, state); !located) {
      state.error = std::move(located.error());
    }
  }
  if (!state.error && !is_preflight) {
    state.prefix = dir.prefix;
    state.filename = apr_pstrcat(r->pool, state.prefix, state.image_file, nullptr);
  }
  allow_origin(r, dir, protocol_of(r, dir, state));
  r->filename = apr_pstrdup(r->pool, state.filename ? state.filename : r->uri);
  r->canonical_filename = r->filename;
  r->path_info = nullptr;
  return OK;
}

int map_to_storage(request_rec* r) {
  if (take_up_lookup(r)) return DECLINED;
  const RequestState* state = service_state(r);
  return state && !state->filename ? OK : DECLINED;
}

int fixups(request_rec* r) {
  RequestState* state = service_state(r);
  if (!state) return DECLINED;
  // A rewrite rule beside the image may have sent the request elsewhere.
  const std::string_view filename(r->filename ? r->filename : "");
  if (filename != (state->filename ? state->filename : r->uri) &&
      !std::string_view(state->filename ? state->filename : "").starts_with(filename)) {
    return DECLINED;
  }
  if (state->filename) {
    if (const int status = check_locations(r, *state); status != OK) return status;
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
  if (state->denied_url) {
    log.write(LogLevel::warning,
              apr_psprintf(r->pool, "httpd denied access to the image %s by the rules for %s",
                           state->image_file, state->denied_url));
    return DECLINED;
  }
  log.write(LogLevel::warning,
            apr_psprintf(r->pool,
                         "httpd denied access to the image %s: its directory needs <Directory "
                         "\"%s\"> with Require all granted, and FollowSymLinks for symbolic links",
                         state->image_file, state->prefix));
  return DECLINED;
}

}  // namespace iip

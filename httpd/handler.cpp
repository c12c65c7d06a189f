#include "httpd/handler.h"

#include "engine/protocol/iip_error.h"
#include "httpd/account.h"
#include "httpd/client_watch.h"
#include "httpd/config.h"
#include "httpd/cors.h"
#include "httpd/frame_file.h"
#include "httpd/log.h"
#include "httpd/open_image_file.h"
#include "httpd/public_id.h"
#include "httpd/request.h"
#include "httpd/response.h"
#include "httpd/state.h"
#include "httpd/trace.h"

namespace iip {

namespace {

// What both ways of use know of a request by the time the file is to be opened.
struct ImageTask {
  const Parsed& parsed;
  const char* public_id = "";
  const char* name = "";  // of the image: for downloads and log lines
  RequestAccount& account;
  // The image file's path, and the sequence that it is a frame of, or nullptr.
  const char* filename = "";
  const ImageSequence* sequence = nullptr;
};

// POST is IIP's, for commands too long for a URL.
const char* allowed_methods(bool with_post) {
  return with_post ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

bool takes_post(const request_rec* r, const std::optional<Parsed>& parsed, const DirConfig& dir) {
  const Protocol protocol = parsed ? parsed->protocol : likely_protocol(r, dir);
  return protocol == Protocol::iip || protocol == Protocol::automatic;
}

bool is_allowed(const request_rec* r, bool with_post) {
  return r->method_number == M_GET || r->method_number == M_OPTIONS ||
         (r->method_number == M_POST && with_post);
}

int answer_preflight(request_rec* r, const char* methods) {
  r->status = HTTP_NO_CONTENT;
  apr_table_setn(r->headers_out, "Allow", methods);
  add_preflight_headers(r, methods);
  return send_headers_only(r);
}

int send_failure(request_rec* r, Error error, Protocol protocol, const char* name,
                 RequestAccount& account) {
  account.failure(error.kind);
  if (protocol == Protocol::iip) error = with_iip_body(std::move(error));
  return send_error(r, error, name);
}

int answer_image(request_rec* r, const ImageTask& task, Result<File> file,
                 std::pmr::memory_resource* memory) {
  const auto failed = [&](Error& error) {
    return send_failure(r, std::move(error), task.parsed.protocol, task.name, task.account);
  };
  if (!file) return failed(file.error());
  const DirConfig& dir = dir_config(r);
  const ServerConfig& server = server_config(r->server);
  const Settings settings = settings_of(dir, server);
  RequestLog log(r);
  ConnectionWatch watch(r);
  ServiceContext context{memory, log, task.public_id, task.name};
  context.client = server.client;
  context.purge_epoch = server.host->purges().epoch_of(task.filename);
  context.remote = server.remote;
  context.watch = &watch;
  context.sequence = task.sequence;

  auto prepared = server.service->prepare(task.parsed, *file, settings, context);
  if (!prepared) return failed(prepared.error());
  trace_plan(log, r->pool, task.name, *prepared, file->version(), context.purge_epoch);
  add_answer_headers(r, *prepared, dir, task.parsed.varies_on_accept);
  if (prepared->status != HTTP_OK) {
    r->status = prepared->status;
    ap_set_content_length(r, 0);
    task.account.headers_only("redirect");
    return send_headers_only(r);
  }
  const int condition = ap_meets_conditions(r);
  if (condition == HTTP_NOT_MODIFIED) {
    // As an answer, through all filters: mod_cache makes a 200 of it where the condition was its.
    r->status = condition;
    task.account.not_modified();
    return send_headers_only(r);
  }
  if (condition != OK) {
    task.account.failure(ErrorKind::malformed);
    return condition;
  }
  if (r->header_only) {
    const auto length =
        server.service->known_length(task.parsed, *prepared, *file, settings, context);
    if (length) ap_set_content_length(r, static_cast<apr_off_t>(*length));
    task.account.headers_only("head");
    return send_headers_only(r);
  }
  auto body = server.service->render(task.parsed, *prepared, *file, settings, context);
  if (!body) return failed(body.error());
  task.account.body(*body);
  return send_body(r, std::move(*body), *file);
}

int handle_service(request_rec* r) {
  RequestState* state = service_state(r);
  if (!state) {
    return send_error(r,
                      Error{ErrorKind::internal,
                            "This service is not configured",
                            "SetHandler iip works for a URL (<Location>, <VirtualHost>); for the "
                            "images of a directory use AddHandler iip-image",
                            {}},
                      r->uri);
  }
  const DirConfig& dir = dir_config(r);
  const bool with_post = takes_post(r, state->parsed, dir);
  const char* methods = allowed_methods(with_post);
  if (!is_allowed(r, with_post)) return send_method_not_allowed(r, methods);
  if (r->method_number == M_OPTIONS) return answer_preflight(r, methods);
  const char* name = state->image_file ? state->image_file : r->uri;
  RequestAccount account(r, name);
  const Protocol protocol = state->parsed ? state->parsed->protocol : likely_protocol(r, dir);
  if (state->error) return send_failure(r, *state->error, protocol, name, account);
  const char* public_id = service_image_id(r, dir, *state);
  const bool is_file = r->finfo.filetype == APR_REG && !(r->path_info && r->path_info[0]);
  if (is_file) {
    const ImageTask task{*state->parsed, public_id, name, account, r->filename};
    return answer_image(r, task, open_service_image(r, state->prefix, state->image_file),
                        &state->memory);
  }
  const RequestSequence sequence(r, dir, *state);
  auto frame = sequence.find(state->parsed->view.value_or(View{}));
  if (!frame) return send_failure(r, std::move(frame.error()), protocol, name, account);
  const ImageTask task{*state->parsed, public_id, name, account, frame->filename, &sequence};
  return answer_image(r, task, std::move(frame->file), &state->memory);
}

int handle_document(request_rec* r) {
  if (r->finfo.filetype != APR_REG) return DECLINED;
  const DirConfig& dir = dir_config(r);
  auto* memory = pool_new<PoolResource>(r->pool, r->pool);
  const char* name = apr_filepath_name_get(r->filename);
  auto target = document_target(r);
  if (!target) return send_error(r, target.error(), name);
  auto parsed = parse_document(*target, parse_options(dir), memory);
  if (!parsed) return DECLINED;
  std::optional<Parsed> request;
  if (*parsed) request = std::move(**parsed);
  allow_origin(r, dir, request ? request->protocol : likely_protocol(r, dir));
  const bool with_post = takes_post(r, request, dir);
  const char* methods = allowed_methods(with_post);
  if (!is_allowed(r, with_post)) return send_method_not_allowed(r, methods);
  if (r->method_number == M_OPTIONS) return answer_preflight(r, methods);
  RequestAccount account(r, name);
  if (!request) {
    account.failure(parsed->error().kind);
    return send_error(r, parsed->error(), name);
  }
  const ImageTask task{*request, document_id(r, dir), name, account, r->filename};
  return answer_image(r, task, open_document(r), memory);
}

}  // namespace

int handler(request_rec* r) {
  const std::string_view name(r->handler ? r->handler : "");
  if (name == "iip") {
    if (const int status = ap_discard_request_body(r); status != OK) return status;
    return handle_service(r);
  }
  return name == "iip-image" ? handle_document(r) : DECLINED;
}

}  // namespace iip

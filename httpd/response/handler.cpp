#include "httpd/response/handler.h"

#include <memory>
#include <optional>

#include "engine/base/no_memory.h"
#include "engine/protocol/iip_error.h"
#include "httpd/config/config.h"
#include "httpd/memcache/memcached_store.h"
#include "httpd/request/allowed_file.h"
#include "httpd/request/client_watch.h"
#include "httpd/request/cors.h"
#include "httpd/request/frame_file.h"
#include "httpd/request/locate.h"
#include "httpd/request/public_id.h"
#include "httpd/request/request.h"
#include "httpd/request/state.h"
#include "httpd/request/try_again.h"
#include "httpd/response/account.h"
#include "httpd/response/response.h"
#include "httpd/response/trace.h"
#include "httpd/server/known_answers.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

// What both ways of use know of a request by the time the file is to be opened.
struct ImageTask {
  const Parsed& parsed;
  const char* public_id = "";
  const char* name = "";  // of the image: for downloads and log lines
  RequestAccount& account;
  std::string_view question = {};  // empty: its answer is not to be known again
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

// The child process began without the memory for what it needs; the log says so of its start.
Error no_service() { return no_memory("the child process has no service").value(); }

// Ends the answer where the client's conditions (If-None-Match ...) say so.
std::optional<int> answer_by_conditions(request_rec* r, RequestAccount& account) {
  const int condition = ap_meets_conditions(r);
  if (condition == OK) return std::nullopt;
  if (condition == HTTP_NOT_MODIFIED) {
    // Sent as an answer, through all filters: mod_cache makes a 200 of it where the condition was
    // its own.
    r->status = condition;
    account.not_modified();
    return send_headers_only(r);
  }
  account.failure(ErrorKind::malformed);
  return condition;
}

// Keeps what led to an answer that the tile cache had.
void remember(request_rec* r, const ImageTask& task, const Prepared& prepared,
              const FileVersion& version, std::uint64_t purge_epoch, AnswerPath path) {
  auto answer = std::make_shared<KnownAnswer>();
  answer->question = task.question;
  answer->protocol = task.parsed.protocol;
  answer->image_file = task.name;
  answer->varies_on_accept = task.parsed.varies_on_accept;
  answer->path = path;
  answer->version = version;
  answer->purge_epoch = purge_epoch;
  answer->configuration = dir_config(r).identity;
  answer->head = prepared.head;
  answer->key = prepared.input.key;
  server_config(r->server).known->keep(std::move(answer));
}

// Is the answer decided by the question and one file's version alone, and is it to be had again?
bool is_worth_knowing(const request_rec* r, const ImageTask& task, const Prepared& prepared,
                      const Body& body) {
  return !task.question.empty() && dir_config(r).identity != 0 &&
         body.course.origin == PictureOrigin::cache && prepared.head.settled &&
         prepared.input.frames == nullptr;
}

int answer_image(request_rec* r, const ImageTask& task, Result<File> file,
                 std::pmr::memory_resource* memory) {
  const auto failed = [&](Error& error) {
    return send_failure(r, std::move(error), task.parsed.protocol, task.name, task.account);
  };
  if (!file) return failed(file.error());
  const DirConfig& dir = dir_config(r);
  const ServerConfig& server = server_config(r->server);
  if (!server.service) {
    return send_failure(r, no_service(), task.parsed.protocol, task.name, task.account);
  }
  const Settings settings = settings_of(dir, server);
  RequestLog log(r);
  ConnectionWatch watch(r);
  ServiceContext context{memory, log, task.public_id, task.name};
  context.client = server.client;
  context.site = server.site;
  context.cluster_key = server.cluster_key ? &*server.cluster_key : nullptr;
  context.purge_epoch = server.host->purges().epoch_of(task.filename);
  context.remote = server.remote;
  context.watch = &watch;
  context.sequence = task.sequence;

  auto prepared = server.service->prepare(task.parsed, *file, settings, context);
  if (!prepared) return failed(prepared.error());
  trace_plan(log, r->pool, task.name, *prepared, file->version(), context.purge_epoch);
  add_answer_headers(r, prepared->head, dir, task.parsed.varies_on_accept);
  if (prepared->head.status != HTTP_OK) {
    r->status = prepared->head.status;
    ap_set_content_length(r, 0);
    task.account.headers_only("redirect");
    return send_headers_only(r);
  }
  if (const auto status = answer_by_conditions(r, task.account)) return *status;
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
  if (is_worth_knowing(r, task, *prepared, *body)) {
    remember(r, task, *prepared, file->version(), context.purge_epoch, body->course.path);
  }
  return send_body(r, std::move(*body), &*file);
}

// nullopt: it does not hold any more, or its bytes are gone.
std::optional<int> answer_known(request_rec* r, const KnownAnswer& known, RequestAccount& account,
                                std::pmr::memory_resource* memory) {
  RequestLog log(r);
  // Who wants to see how answers come about sees it of each.
  if (log.enabled(LogLevel::trace1) || !still_holds(known, r)) return std::nullopt;
  const ServerConfig& server = server_config(r->server);
  ServiceContext context{memory, log, "", known.image_file};
  context.client = server.client;
  auto body = server.service->find_again(known.key, known.path, context);
  if (!body) return std::nullopt;
  add_answer_headers(r, known.head, dir_config(r), known.varies_on_accept);
  if (const auto status = answer_by_conditions(r, account)) return *status;
  account.body(*body);
  return send_body(r, std::move(*body), nullptr);
}

bool is_file(const request_rec* r) {
  return r->finfo.filetype == APR_REG && !(r->path_info && r->path_info[0]);
}

int handle_service(request_rec* r) {
  RequestState* state = service_state(r);
  // Opened before the client is waited for, who may hold its body back. What is known has no body.
  std::optional<Result<File>> file;
  if (state && state->filename && !state->known && is_file(r)) {
    file = open_service_image(r, state->prefix, state->image_file);
    if (is_worth_another_attempt(*file) && try_again(r)) return OK;
  }
  if (const int status = ap_discard_request_body(r); status != OK) return status;
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
  if (state->known) {
    if (const auto status = answer_known(r, *state->known, account, &state->memory)) return *status;
    if (auto located = locate(r, *state->dir, *state); !located) state->error = located.error();
  }
  const Protocol protocol = state->parsed ? state->parsed->protocol : likely_protocol(r, dir);
  if (state->error) return send_failure(r, *state->error, protocol, name, account);
  const char* public_id = service_image_id(r, dir, *state);
  if (is_file(r)) {
    if (!file) {
      file = open_service_image(r, state->prefix, state->image_file);
      if (is_worth_another_attempt(*file) && try_again(r)) return OK;
    }
    const ImageTask task{*state->parsed,  public_id,   name,   account,
                         state->question, r->filename, nullptr};
    return answer_image(r, task, std::move(*file), &state->memory);
  }
  const RequestSequence sequence(r, dir, *state);
  auto frame = sequence.find(state->parsed->view.value_or(View{}));
  if (!frame) return send_failure(r, std::move(frame.error()), protocol, name, account);
  const ImageTask task{*state->parsed, public_id, name, account, {}, frame->filename, &sequence};
  return answer_image(r, task, std::move(frame->file), &state->memory);
}

int handle_document(request_rec* r) {
  if (r->finfo.filetype != APR_REG) return DECLINED;
  const DirConfig& dir = dir_config(r);
  auto* memory = pool_new<PoolResource>(r->pool, r->pool);
  const char* name = apr_filepath_name_get(r->filename);
  // Opened before the client is waited for, who may hold its body back.
  std::optional<Result<File>> file;
  if (r->method_number == M_POST) {
    file = open_document(r);
    if (is_worth_another_attempt(*file) && try_again(r)) return OK;
  }
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
  if (!file) {
    file = open_document(r);
    if (is_worth_another_attempt(*file) && try_again(r)) return OK;
  }
  const ImageTask task{*request, document_id(r, dir), name, account, {}, r->filename, nullptr};
  return answer_image(r, task, std::move(*file), memory);
}

}  // namespace

int handler(request_rec* r) {
  const std::string_view name(r->handler ? r->handler : "");
  if (name == "iip") return handle_service(r);
  return name == "iip-image" ? handle_document(r) : DECLINED;
}

}  // namespace iip

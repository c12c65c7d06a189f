#include "httpd/request/request.h"

#include "engine/base/text.h"
#include "httpd/config/sections.h"
#include "httpd/config/set_handler.h"
#include "httpd/request/form_body.h"

namespace iip {

namespace {

std::string_view header(const request_rec* r, const char* name) {
  const char* value = apr_table_get(r->headers_in, name);
  return value ? value : std::string_view();
}

// The query, or the form of a POST that has none.
Result<std::string_view> query_of(request_rec* r) {
  if (r->args && r->args[0] != '\0') return std::string_view(r->args);
  if (r->method_number == M_POST) return form_of(r);
  return std::string_view();
}

Result<Target> target_with_path(request_rec* r, std::string_view path) {
  auto query = query_of(r);
  if (!query) return pass_on(query);
  Target target;
  target.path = path;
  target.query = *query;
  target.accept = header(r, "Accept");
  target.is_post = r->method_number == M_POST;
  return target;
}

// r->uri as it was before it was decoded. Where another module has rewritten it since, it is
// encoded again: then a %2F can not be told from a slash any more.
std::string_view raw_path(const request_rec* r, const RequestState& state) {
  if (state.encoded_path && std::string_view(state.decoded_path) == r->uri) {
    return state.encoded_path;
  }
  return ap_os_escape_path(r->pool, r->uri, 1);
}

}  // namespace

bool is_service_request(request_rec* r) {
  if (r->proxyreq != PROXYREQ_NONE || !r->uri || r->uri[0] != '/') return false;
  const char* handler = set_handler(r, core_config(r->per_dir_config));
  return handler && std::string_view(handler) == "iip";
}

void follow_rewrite(request_rec* r) {
  if (!r->uri || !r->parsed_uri.path || std::string_view(r->uri) == r->parsed_uri.path) return;
  r->per_dir_config = r->server->lookup_defaults;
  ap_location_walk(r);
  ap_if_walk(r);
}

const char* find_service_path(request_rec* r) {
  const auto sections = url_sections(r->server);
  for (std::size_t i = sections.size(); i-- > 0;) {
    const core_dir_config& section = core_config(sections[i]);
    if (!section.expr_handler && !section.handler) continue;
    const auto length = covered(section, r->uri);
    if (!length) continue;
    std::string_view path(r->uri, *length);
    while (path.ends_with('/')) path.remove_suffix(1);
    return apr_pstrmemdup(r->pool, path.data(), path.size());
  }
  return "";
}

Result<Target> service_target(request_rec* r, const RequestState& state) {
  std::string_view path = raw_path(r, state);
  // Decoding neither makes nor takes slashes, so that segments count the same before and after.
  path.remove_prefix(front_of(path, count_segments(state.service_path)));
  if (path.starts_with('/')) path.remove_prefix(1);
  return target_with_path(r, path);
}

Result<Target> document_target(request_rec* r) {
  const bool has_path = r->path_info && r->path_info[0] != '\0';
  return target_with_path(r, has_path ? ap_os_escape_path(r->pool, r->path_info, 1) : "");
}

ParseOptions parse_options(const DirConfig& dir) {
  ParseOptions options;
  options.protocol = dir.protocol.value_or(options.protocol);
  options.iiif_version = dir.iiif_version.value_or(options.iiif_version);
  options.iiif_extensions = dir.iiif_extensions.value_or(options.iiif_extensions);
  if (dir.iiif_delimiter) options.iiif_delimiter = dir.iiif_delimiter;
  return options;
}

Protocol likely_protocol(const request_rec* r, const DirConfig& dir) {
  const Protocol protocol = dir.protocol.value_or(Protocol::automatic);
  if (protocol != Protocol::automatic) return protocol;
  const std::string_view query(r->args ? r->args : "");
  const bool iiif =
      query.empty() ? r->method_number != M_POST : equal_ignoring_case(query.substr(0, 5), "IIIF=");
  return iiif ? Protocol::iiif : Protocol::automatic;
}

}  // namespace iip

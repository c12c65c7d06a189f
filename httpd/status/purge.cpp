#include "httpd/status/purge.h"

#include <string>

#include "engine/base/text.h"
#include "engine/protocol/query.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/config.h"
#include "httpd/config/values.h"
#include "httpd/request/form_body.h"
#include "httpd/response/response.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

const char* header(const request_rec* r, const char* name) {
  return apr_table_get(r->headers_in, name);
}

// Browsers name the site whose page sends a form; programs name none.
bool is_cross_site(const request_rec* r) {
  if (const char* site = header(r, "Sec-Fetch-Site")) {
    if (std::string_view(site) != "same-origin" && std::string_view(site) != "none") return true;
  }
  const char* origin = header(r, "Origin");
  if (!origin) return false;
  const char* host = header(r, "Host");
  std::string_view origin_host(origin);
  const auto scheme_end = origin_host.find("://");
  if (scheme_end == std::string_view::npos || !host) return true;
  origin_host.remove_prefix(scheme_end + 3);
  return !equal_ignoring_case(origin_host, host);
}

Status check_permission(const request_rec* r) {
  if (!dir_config(r).status_purge.value_or(false)) {
    return fail(ErrorKind::forbidden, "Nothing can be purged here",
                "IIPStatusPurge is not On for this URL");
  }
  if (is_cross_site(r)) {
    return fail(ErrorKind::forbidden, "Another site may not purge",
                "Origin or Sec-Fetch-Site name another site");
  }
  return {};
}

// The absolute path of a file or, with a '/' at its end, a folder, as httpd writes it.
Result<const char*> canonical_path(request_rec* r, const char* path) {
  char* merged = nullptr;
  const bool legal = path[0] == '/' && is_plain_text(path) &&
                     apr_filepath_merge(&merged, nullptr, path, 0, r->pool) == APR_SUCCESS;
  if (!legal) return fail(ErrorKind::malformed, "purge is not an absolute path, or *");
  return merged;
}

// The file that a request for the URL would be about, whether or not it would be allowed.
Result<const char*> file_of_url(request_rec* r, const char* url) {
  if (url[0] != '/') return fail(ErrorKind::malformed, "purge-url is not the path of a URL");
  const request_rec* found = ap_sub_req_lookup_uri(url, r, nullptr);
  if (!found->filename || found->filename[0] != '/') {
    return fail(ErrorKind::not_found, "purge-url does not lead to a file");
  }
  return apr_pstrdup(r->pool, found->filename);
}

// What is to be forgotten: an absolute path, "/" for everything.
Result<const char*> purged_path(request_rec* r, std::string_view form) {
  PoolResource memory(r->pool);
  while (const QueryItem item = take_query_item(form)) {
    if (item.name != "purge" && item.name != "purge-url") continue;
    const auto value = percent_decode(item.value, &memory, /*plus_is_space=*/true);
    if (!value) return fail(ErrorKind::malformed, "The form is malformed");
    if (item.name == "purge-url") return file_of_url(r, apr_pstrdup(r->pool, value->c_str()));
    if (*value == "*") return "/";
    return canonical_path(r, value->c_str());
  }
  return fail(ErrorKind::malformed, "Say what to purge: purge=PATH, purge=* or purge-url=URL");
}

Result<const char*> purge_as_asked(request_rec* r) {
  // The body is read whatever comes of it, so that the connection can be used again.
  auto body = form_of(r);
  if (auto allowed = check_permission(r); !allowed) return pass_on(allowed);
  if (!body) return pass_on(body);
  auto path = purged_path(r, r->args && r->args[0] != '\0' ? r->args : *body);
  if (!path) return path;
  HostState& host = *server_config(r->server).host;
  host.purges().purge(*path);
  if (std::string_view(*path) == "/" && host.tiles()) host.tiles()->clear();
  return path;
}

}  // namespace

int purge(request_rec* r) {
  auto path = purge_as_asked(r);
  if (!path) return send_error(r, path.error(), r->uri);
  RequestLog(r).write(LogLevel::notice, apr_pstrcat(r->pool, "purged ", *path, " for ",
                                                    r->user ? r->user : r->useragent_ip, nullptr));
  return send_text(r, HTTP_OK, std::string("purged ") + *path + "\n", "text/plain; charset=utf-8");
}

}  // namespace iip

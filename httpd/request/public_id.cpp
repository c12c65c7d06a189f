#include "httpd/request/public_id.h"

namespace iip {

namespace {

// A base that ends in '=' is that of a query (...?IIIF=).
const char* join(apr_pool_t* pool, const char* base, const char* rest) {
  const std::string_view text(base);
  const char* slash = text.ends_with('/') || text.ends_with('=') ? "" : "/";
  return apr_pstrcat(pool, base, slash, rest, nullptr);
}

const char* escaped(request_rec* r, const char* path) {
  return ap_os_escape_path(r->pool, path, 1);
}

bool has_base_url(const DirConfig& dir) { return dir.base_url && dir.base_url[0] != '\0'; }

}  // namespace

const char* service_image_id(request_rec* r, const DirConfig& dir, const RequestState& state) {
  const char* identifier = state.parsed->identifier.c_str();
  if (has_base_url(dir)) return join(r->pool, dir.base_url, identifier);
  const char* path =
      state.parsed->in_path
          ? apr_pstrcat(r->pool, escaped(r, state.service_path), "/", identifier, nullptr)
          : apr_pstrcat(r->pool, escaped(r, r->uri), "?IIIF=", identifier, nullptr);
  return ap_construct_url(r->pool, path, r);
}

const char* document_id(request_rec* r, const DirConfig& dir) {
  const std::string_view uri(r->uri);
  const std::string_view behind(r->path_info ? r->path_info : "");
  const std::size_t length = uri.ends_with(behind) ? uri.size() - behind.size() : uri.size();
  const char* path = escaped(r, apr_pstrmemdup(r->pool, r->uri, length));
  if (has_base_url(dir)) return join(r->pool, dir.base_url, path[0] == '/' ? path + 1 : path);
  return ap_construct_url(r->pool, path, r);
}

}  // namespace iip

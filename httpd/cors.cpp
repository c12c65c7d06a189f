#include "httpd/cors.h"

namespace iip {

namespace {

constexpr const char* kAllowOrigin = "Access-Control-Allow-Origin";
// Accept, Content-Type and If-Modified-Since by the protocols' rules; Authorization is sent by
// viewers behind a login, X-Requested-With by MooTools.
constexpr const char* kRequestHeaders =
    "Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, X-Requested-With";
constexpr const char* kPreflightSeconds = "86400";

bool is_set(const request_rec* r, const char* header) {
  return apr_table_get(r->headers_out, header) || apr_table_get(r->err_headers_out, header);
}

const char* listed_origin(const CorsPolicy& policy, const request_rec* r) {
  const char* origin = apr_table_get(r->headers_in, "Origin");
  if (!origin) return nullptr;
  for (int i = 0; i < policy.count; ++i) {
    if (std::string_view(policy.origins[i]) == origin) return policy.origins[i];
  }
  return nullptr;
}

}  // namespace

void allow_origin(request_rec* r, const DirConfig& dir, Protocol protocol) {
  CorsPolicy policy;
  if (dir.cors) {
    policy = *dir.cors;
  } else if (protocol == Protocol::iiif) {
    policy.allow = CorsPolicy::Allow::everybody;
  }
  if (policy.allow == CorsPolicy::Allow::nobody || is_set(r, kAllowOrigin)) return;
  if (policy.allow == CorsPolicy::Allow::everybody) {
    apr_table_setn(r->err_headers_out, kAllowOrigin, "*");
    return;
  }
  apr_table_mergen(r->err_headers_out, "Vary", "Origin");
  if (const char* origin = listed_origin(policy, r)) {
    apr_table_setn(r->err_headers_out, kAllowOrigin, origin);
  }
}

void add_preflight_headers(request_rec* r, const char* methods) {
  if (!is_set(r, kAllowOrigin)) return;
  apr_table_setn(r->err_headers_out, "Access-Control-Allow-Methods", methods);
  apr_table_setn(r->err_headers_out, "Access-Control-Allow-Headers", kRequestHeaders);
  apr_table_setn(r->err_headers_out, "Access-Control-Max-Age", kPreflightSeconds);
}

}  // namespace iip

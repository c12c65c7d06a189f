#include "httpd/request/cors.h"

namespace iip {

namespace {

constexpr const char* kAllowOrigin = "Access-Control-Allow-Origin";
// Accept, Content-Type and If-Modified-Since by the protocols' rules; Authorization is sent by
// viewers behind a login, X-Requested-With by MooTools.
constexpr const char* kRequestHeaders =
    "Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, X-Requested-With";
constexpr const char* kPreflightSeconds = "86400";
constexpr const char* kFilter = "IIP_CORS";

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

// Runs after mod_headers: `Header set` has put its value into the other table, and two values of
// this header are as good as none to a browser.
apr_status_t yield_to_administrator(ap_filter_t* filter, apr_bucket_brigade* brigade) noexcept {
  request_rec* r = filter->r;
  if (apr_table_get(r->headers_out, kAllowOrigin)) {
    apr_table_unset(r->err_headers_out, kAllowOrigin);
  }
  ap_remove_output_filter(filter);
  return ap_pass_brigade(filter->next, brigade);
}

}  // namespace

void register_cors_filter() noexcept {
  constexpr auto kBehindHeaders = static_cast<ap_filter_type>(AP_FTYPE_CONTENT_SET + 1);
  ap_register_output_filter(kFilter, yield_to_administrator, nullptr, kBehindHeaders);
}

void allow_origin(request_rec* r, const DirConfig& dir, Protocol protocol) {
  CorsPolicy policy;
  if (dir.cors) {
    policy = *dir.cors;
  } else if (protocol == Protocol::iiif) {
    policy.allow = CorsPolicy::Allow::everybody;
  }
  if (policy.allow == CorsPolicy::Allow::nobody || is_set(r, kAllowOrigin)) return;
  ap_add_output_filter(kFilter, nullptr, r, r->connection);
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

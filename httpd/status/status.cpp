#include "httpd/status/status.h"

#include <mod_status.h>

#include "engine/base/text.h"
#include "httpd/config/config.h"
#include "httpd/config/set_handler.h"
#include "httpd/response/response.h"
#include "httpd/status/formats.h"
#include "httpd/status/purge.h"

namespace iip {

namespace {

constexpr std::string_view kOpenMetrics = "application/openmetrics-text";

bool accepts_openmetrics(const request_rec* r) {
  const char* accept = apr_table_get(r->headers_in, "Accept");
  return accept && std::string_view(accept).find(kOpenMetrics) != std::string_view::npos;
}

// The figures are those of all virtual hosts. Who may write a .htaccess could else have a URL of
// his own show them.
bool is_set_by_operator(request_rec* r) {
  return server_config(r->server).operator_handlers->decide(r);
}

int send_report(request_rec* r) {
  const StatusReport report = report_status(ap_server_conf);
  const std::string_view query(r->args ? r->args : "");
  if (query == "auto") {
    return send_text(r, HTTP_OK, status_as_text(report), "text/plain; charset=utf-8");
  }
  if (query == "metrics" || (query.empty() && accepts_openmetrics(r))) {
    return send_text(r, HTTP_OK, status_as_openmetrics(report),
                     "application/openmetrics-text; version=1.0.0; charset=utf-8");
  }
  return send_text(r, HTTP_OK, status_as_json(report), "application/json");
}

}  // namespace

int status_handler(request_rec* r) {
  if (!r->handler || std::string_view(r->handler) != "iip-status") return DECLINED;
  if (!is_set_by_operator(r)) {
    return send_error(
        r,
        Error{ErrorKind::forbidden,
              "There is no status page here",
              "SetHandler iip-status works in the configuration of the server, not in "
              ".htaccess",
              {}},
        r->uri);
  }
  if (r->method_number == M_POST) return purge(r);
  if (const int status = ap_discard_request_body(r); status != OK) return status;
  if (r->method_number != M_GET) return send_method_not_allowed(r, "GET, HEAD, POST");
  return send_report(r);
}

int status_section(request_rec* r, int flags) noexcept {
  try {
    if (!is_set_by_operator(r)) return DECLINED;
    const StatusReport report = report_status(ap_server_conf);
    const std::string text = (flags & AP_STATUS_SHORT) != 0
                                 ? status_as_text(report)
                                 : status_as_html(report, (flags & AP_STATUS_NOTABLE) == 0);
    ap_rwrite(text.data(), static_cast<int>(text.size()), r);
    return OK;
  } catch (const std::exception&) {
    return DECLINED;
  }
}

}  // namespace iip

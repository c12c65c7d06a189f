#include "httpd/server/confined.h"

#include "engine/confined/helpers.h"
#include "engine/confined/system_call_filter.h"
#include "engine/formats/source_decoders.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/config.h"

namespace iip {

void look_at_confinement(server_rec* servers) {
  if (has_system_call_filter()) return;
  ap_log_error(APLOG_MARK, APLOG_WARNING, 0, servers,
               "IIP: this system has no filters of system calls (seccomp); decoders of hostile "
               "files are confined by the limits of their processes alone");
}

void start_helpers(apr_pool_t* pchild, server_rec* servers) {
  auto helpers = Helpers::start(source_decoders(), Helpers::kMostProcessorTime,
                                &server_config(servers).host->helpers());
  if (!helpers) {
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, servers, "IIP: %s: %s", helpers.error().message.c_str(),
                 helpers.error().detail.c_str());
    return;
  }
  server_config(servers).decoders =
      pool_new<std::unique_ptr<Helpers>>(pchild, std::move(*helpers))->get();
}

}  // namespace iip

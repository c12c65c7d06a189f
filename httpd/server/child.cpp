#include "httpd/server/child.h"

#include <algorithm>

#include "httpd/apr/pool_resource.h"
#include "httpd/config/config.h"
#include "httpd/server/known_answers.h"

namespace iip {

namespace {

// Half of httpd's threads, in all children together, may wait for a slot to make a picture in.
std::uint32_t most_waiting() {
  constexpr int kLeast = 8;
  constexpr int kMost = 1024;
  int children = 0;
  int threads = 0;
  ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &children);
  ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
  return static_cast<std::uint32_t>(std::clamp(children * std::max(threads, 1) / 2, kLeast, kMost));
}

}  // namespace

void create_service(apr_pool_t* pchild, server_rec* servers) {
  ServiceLimits limits = service_limits(server_config(servers));
  limits.waiting = most_waiting();
  const ServerConfig& main_server = server_config(servers);
  auto* service = pool_new<Service>(pchild, limits, *main_server.host, main_server.decoders);
  auto* known = pool_new<KnownAnswers>(pchild);
  for (server_rec* server = servers; server; server = server->next) {
    server_config(server).service = service;
    server_config(server).known = known;
  }
}

}  // namespace iip

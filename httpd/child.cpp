#include "httpd/child.h"

#include "httpd/config.h"
#include "httpd/pool_resource.h"

namespace iip {

void create_service(apr_pool_t* pchild, server_rec* servers) {
  auto* service = pool_new<Service>(pchild, service_limits(server_config(servers)),
                                    *server_config(servers).host);
  for (server_rec* server = servers; server; server = server->next) {
    server_config(server).service = service;
  }
}

}  // namespace iip

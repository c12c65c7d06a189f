// What one child process owns: the engine's service, and the answers that it knows.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// Creates both, the service with the limits of the main server (the first of the list), destroys
// them with `pchild`, and points the configuration of every virtual host at them.
void create_service(apr_pool_t* pchild, server_rec* servers);

}  // namespace iip

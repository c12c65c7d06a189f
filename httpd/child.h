// What one child process owns: the engine's service.
#pragma once

#include "httpd/apache.h"

namespace iip {

// Creates the service with the limits of the main server (the first of the list), destroys it with
// `pchild`, and points the configuration of every virtual host at it.
void create_service(apr_pool_t* pchild, server_rec* servers);

}  // namespace iip

// Setters, see setter.h, for logs and for the cluster of servers and virtual hosts.
#pragma once

#include "httpd/apache.h"

namespace iip {

const char* set_log_file(cmd_parms* cmd, void* dir, const char* value);
const char* set_memcached_servers(cmd_parms* cmd, void* dir, int count, char* const values[]);
const char* set_memcached_secret(cmd_parms* cmd, void* dir, const char* value);

}  // namespace iip

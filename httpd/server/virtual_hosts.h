// The names and numbers of virtual hosts, for counting them and what they keep apart.
//
// A name is the host and port of ServerName; where several have the same, "#2", "#3" ... follow. A
// virtual host keeps its number, and with it what was counted, over graceful restarts, whatever
// becomes of the others: the counters say whose they are. Where there are more virtual hosts than
// counters, some share.
#pragma once

#include "engine/service/host_state.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

// Sets `name`, `site` and `client` of every ServerConfig. Counters that change hands start at zero.
void number_virtual_hosts(apr_pool_t* pconf, server_rec* servers, const HostState& host);

// Whether the counters are the virtual host's own, or (with too many of them) another's too.
bool owns_counters(const ServerConfig& server, const WorkCounters& counters);

}  // namespace iip

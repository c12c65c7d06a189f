// The memory that all processes of this httpd share: the engine's HostState, with the tile cache
// and the counters.
//
// One anonymous block, made when httpd starts. It is kept over graceful restarts, with what is in
// it, as long as its size and layout stay the same; else a new one takes its place. httpd unloads
// the module in between, so the block's address waits in the pool of the process, as plain data
// under a name. The system takes the block back when the last process that has it ends.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// For the post_config hook: finds or makes the block, and points the configuration of every virtual
// host at it, each with the number under which it is counted. An httpd status; where there is no
// memory, a line in the log says so, and httpd does not start.
int share_memory(apr_pool_t* pconf, server_rec* servers);

}  // namespace iip

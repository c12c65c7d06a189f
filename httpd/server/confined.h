// The processes that decode what is not decoded in httpd's own (engine/confined): each child of
// httpd has a parent of helpers.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// Says so in the log of the main server where the kernel lacks a means of confining them. When the
// configuration is read.
void look_at_confinement(server_rec* servers);

// Starts the child's parent of helpers, which ends with `pchild`. To be called before the child has
// threads, memory of requests, or connections. Where that fails the log says so, and the child
// decodes no such pictures.
void start_helpers(apr_pool_t* pchild, server_rec* servers);

}  // namespace iip

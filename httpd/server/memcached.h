// The memcached servers of the configuration, and the stores over them that each child has.
//
// Virtual hosts that name the same server share it: a child has one MemcachedServer for
// each, and one clock for all of them. A store belongs to a virtual host, since site, secret and
// times do.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// For the post_config hook: asks the name service for all servers, here and not in the children, so
// that nothing there ever waits for it. A warning for each name that is not known.
void look_up_memcached(server_rec* servers);

// For the post_config hook too: sets `cluster_key` of the virtual hosts that have a secret.
void derive_cluster_keys(server_rec* servers);

// For the child_init hook: gives every virtual host with servers its store, and ends them with
// `pchild`. Where no thread is to be had, a warning, and none.
void join_memcached(apr_pool_t* pchild, server_rec* servers);

}  // namespace iip

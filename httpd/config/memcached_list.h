// The memcached servers of the configuration. Made while the configuration is read, by one thread;
// then only read, by any.
#pragma once

#include <cstdint>
#include <vector>

#include "httpd/memcache/server_address.h"

namespace iip {

inline constexpr std::uint16_t kMemcachedPort = 11211;

// What one IIPMemcachedServers says; in the pool of the configuration.
struct MemcachedList {
  struct Server {
    ServerName name;
    std::vector<SocketAddress>
        addresses;  // after post_config; empty: not known to the name service
  };
  std::vector<Server> servers;
};

}  // namespace iip

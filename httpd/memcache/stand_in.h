// StandIn: how apr_memcache comes to speak to a server that has an address of IPv6 only.
//
// The library (APR-util 1.6) connects to addresses of IPv4 and to sockets in the file system, and
// to nothing else; once it is connected it does not care. So the connection to the server is made
// here, the library connects to a port of this process on 127.0.0.1, and then the one takes the
// other's descriptor.
//
// For one thread.
#pragma once

#include <chrono>
#include <optional>

#include "httpd/memcache/server_address.h"

namespace iip {

class StandIn {
 public:
  enum class Outcome { done, timeout, broken };

  StandIn() = default;
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn();

  // Connects to the server, waiting no longer than `patience`, and listens for the library.
  Outcome prepare(const SocketAddress& server, std::chrono::milliseconds patience);

  // Where the library is to connect to; after prepare().
  const SocketAddress& address() const { return address_; }

  // The library's descriptor is the connection to the server from now on. false: it is not.
  bool take_place_of(int librarys_descriptor) const;

 private:
  int server_ = -1;
  int listener_ = -1;
  SocketAddress address_;
};

}  // namespace iip

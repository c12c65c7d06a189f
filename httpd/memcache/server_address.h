// Names and addresses of servers on the network or on this machine. Value types; the functions keep
// nothing and are for any thread.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iip {

struct ServerName {
  std::string host;        // a name or address, in lower case; empty: a socket on this machine
  std::uint16_t port = 0;  // of host
  std::string path;        // of the socket, absolute

  // The one form of the name, which all machines of a cluster share: host:port, [address]:port or
  // the path.
  std::string text() const;
};

// HOST, HOST:PORT, [IPv6 ADDRESS], [IPv6 ADDRESS]:PORT or /PATH.
std::optional<ServerName> parse_server_name(std::string_view text, std::uint16_t default_port);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// All addresses of the server; none where the name is not known. May ask the network, without a
// deadline.
std::vector<SocketAddress> look_up(const ServerName& name);

}  // namespace iip

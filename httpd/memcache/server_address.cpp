#include "httpd/memcache/server_address.h"

#include <netdb.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "engine/base/text.h"

namespace iip {

namespace {

constexpr std::size_t kLongestHost = 253;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<ServerName> parse_path(std::string_view text) {
  if (text.size() < 2 || text.size() >= sizeof(sockaddr_un::sun_path)) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  return ServerName{{}, 0, std::string(text)};
}

// Cuts host and port apart; brackets stay out of the host. false: not of that form.
bool cut(std::string_view text, std::string_view& host, std::optional<std::string_view>& port) {
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const auto end = std::min(text.find(':'), text.size());
    host = text.substr(0, end);
    rest = text.substr(end);
  }
  if (rest.empty()) return true;
  if (rest[0] != ':') return false;
  port = rest.substr(1);
  return true;
}

SocketAddress path_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof address);
  result.length = sizeof address;
  return result;
}

}  // namespace

std::string ServerName::text() const {
  if (!path.empty()) return path;
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<ServerName> parse_server_name(std::string_view text, std::uint16_t default_port) {
  if (text.starts_with('/')) return parse_path(text);
  std::string_view host_text;
  std::optional<std::string_view> port_text;
  if (!cut(text, host_text, port_text)) return std::nullopt;

  const auto port =
      port_text ? parse_unsigned(*port_text) : std::optional<std::uint64_t>(default_port);
  if (!port || *port == 0 || *port > UINT16_MAX) return std::nullopt;
  std::string host = lower_case(host_text);
  if (host.empty() || host.size() > kLongestHost) return std::nullopt;
  const auto legal = text.starts_with('[') ? is_ipv6_character : is_host_character;
  if (!std::ranges::all_of(host, legal)) return std::nullopt;
  return ServerName{std::move(host), static_cast<std::uint16_t>(*port), {}};
}

std::vector<SocketAddress> look_up(const ServerName& name) {
  if (!name.path.empty()) return {path_address(name.path)};
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.host.c_str(), std::to_string(name.port).c_str(), &wanted, &found) != 0) {
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
  }
  return addresses;
}

}  // namespace iip

// StreamSocket: a connection on which nothing waits longer than until a given moment.
//
// The moment is that of the whole operation, however many pieces the other end sends its bytes in.
// Owns its descriptor. For one thread at a time.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "httpd/memcache/server_address.h"

namespace iip {

class StreamSocket {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  enum class Outcome { done, timeout, broken };

  StreamSocket() = default;
  StreamSocket(StreamSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  StreamSocket& operator=(StreamSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~StreamSocket();

  // Connects; a socket that was open is closed.
  Outcome connect(const SocketAddress& address, Moment until);

  // Sends all of it. `parts` is used up on the way.
  Outcome send(std::span<iovec> parts, Moment until);

  // At least one byte, at most those that `space` holds.
  Outcome receive(std::span<std::uint8_t> space, std::size_t& received, Moment until);

  // The other end has said nothing that nobody asked for, and has not hung up.
  bool is_quiet() const;

 private:
  Outcome wait(short events, Moment until) const;

  int fd_ = -1;
};

}  // namespace iip

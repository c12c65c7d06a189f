// MemcachedConnections: asks one memcached server, over connections that are used again.
//
// Any number of threads may ask at once, each on a connection of its own. A connection is kept only
// after a reply that was understood to its last byte; after anything else (no answer in time, a
// strange one) it is closed, so that a late reply never meets the next question. A kept connection
// on which something has arrived unasked is not used again; one that the server has closed
// meanwhile is replaced, once, within the same deadline.
//
// Thread-safe. No lock is held while the network is waited for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "engine/base/bytes.h"
#include "httpd/memcache/memcached_protocol.h"
#include "httpd/memcache/server_address.h"
#include "httpd/memcache/stream_socket.h"

namespace iip {

class MemcachedConnections {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Outcome { value, miss, stored, refused, timeout, broken };

  // Addresses are tried in turn, the one that answered last first.
  explicit MemcachedConnections(std::vector<SocketAddress> addresses)
      : addresses_(std::move(addresses)) {}

  // Sends `message`, which is one command in some pieces, and reads the answer into `reply`.
  Outcome ask(std::span<const ByteSpan> message, GetReply& reply, Clock::time_point until);
  Outcome ask(std::span<const ByteSpan> message, SetReply& reply, Clock::time_point until);

  // Closes the connections that nobody has used since.
  void close_unused_since(Clock::time_point moment);

 private:
  struct Kept {
    StreamSocket socket;
    Clock::time_point used;
  };

  template <class Reader>
  Outcome exchange(std::span<const ByteSpan> message, Reader& reply, Clock::time_point until);
  StreamSocket::Outcome connect(StreamSocket& socket, Clock::time_point until);
  bool take(StreamSocket& socket);
  void keep(StreamSocket socket);

  const std::vector<SocketAddress> addresses_;
  std::atomic<std::size_t> first_address_ = 0;
  std::mutex mutex_;
  std::vector<Kept> kept_;  // guarded; the most recently used last
};

}  // namespace iip

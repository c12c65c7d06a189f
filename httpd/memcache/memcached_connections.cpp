#include "httpd/memcache/memcached_connections.h"

#include <algorithm>
#include <array>

namespace iip {

namespace {

using Outcome = MemcachedConnections::Outcome;

constexpr std::size_t kMostKept = 32;
constexpr std::size_t kMostPieces = 8;

StreamSocket::Outcome send(StreamSocket& socket, std::span<const ByteSpan> message,
                           StreamSocket::Moment until) {
  std::array<iovec, kMostPieces> parts{};
  const std::size_t count = std::min(message.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i) {
    // sendmsg() only reads.
    parts[i] = {const_cast<std::uint8_t*>(message[i].data()), message[i].size()};
  }
  return socket.send(std::span(parts).first(count), until);
}

template <class Reader>
StreamSocket::Outcome receive(StreamSocket& socket, Reader& reply, Reply& state,
                              StreamSocket::Moment until) {
  state = Reply::more;
  while (state == Reply::more) {
    std::size_t received = 0;
    const auto outcome = socket.receive(reply.space(), received, until);
    if (outcome != StreamSocket::Outcome::done) return outcome;
    state = reply.took(received);
  }
  return StreamSocket::Outcome::done;
}

Outcome outcome_of(StreamSocket::Outcome transfer, Reply reply) {
  if (transfer == StreamSocket::Outcome::timeout) return Outcome::timeout;
  if (transfer == StreamSocket::Outcome::broken) return Outcome::broken;
  switch (reply) {
    case Reply::value:
      return Outcome::value;
    case Reply::miss:
      return Outcome::miss;
    case Reply::stored:
      return Outcome::stored;
    case Reply::refused:
      return Outcome::refused;
    default:
      return Outcome::broken;
  }
}

}  // namespace

MemcachedConnections::Outcome MemcachedConnections::ask(std::span<const ByteSpan> message,
                                                        GetReply& reply, Clock::time_point until) {
  return exchange(message, reply, until);
}

MemcachedConnections::Outcome MemcachedConnections::ask(std::span<const ByteSpan> message,
                                                        SetReply& reply, Clock::time_point until) {
  return exchange(message, reply, until);
}

template <class Reader>
MemcachedConnections::Outcome MemcachedConnections::exchange(std::span<const ByteSpan> message,
                                                             Reader& reply,
                                                             Clock::time_point until) {
  StreamSocket socket;
  for (bool used = take(socket);; used = false) {
    auto transfer = used ? StreamSocket::Outcome::done : connect(socket, until);
    if (transfer == StreamSocket::Outcome::done) transfer = send(socket, message, until);
    Reply state = Reply::more;
    if (transfer == StreamSocket::Outcome::done) transfer = receive(socket, reply, state, until);

    const bool hung_up = transfer == StreamSocket::Outcome::broken && reply.is_empty();
    if (used && hung_up) continue;  // while the connection lay idle: once more on a new one
    const Outcome outcome = outcome_of(transfer, state);
    if (outcome != Outcome::timeout && outcome != Outcome::broken) keep(std::move(socket));
    return outcome;
  }
}

StreamSocket::Outcome MemcachedConnections::connect(StreamSocket& socket, Clock::time_point until) {
  const std::size_t first = first_address_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const std::size_t place = (first + i) % addresses_.size();
    const auto outcome = socket.connect(addresses_[place], until);
    if (outcome == StreamSocket::Outcome::broken) continue;
    // Where one address swallows everything, the next attempt begins with the one behind it.
    const std::size_t next = outcome == StreamSocket::Outcome::done ? place : place + 1;
    first_address_.store(next % addresses_.size(), std::memory_order_relaxed);
    return outcome;
  }
  return StreamSocket::Outcome::broken;
}

bool MemcachedConnections::take(StreamSocket& socket) {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (kept_.empty()) return false;
      socket = std::move(kept_.back().socket);
      kept_.pop_back();
    }
    if (socket.is_quiet()) return true;
  }
}

void MemcachedConnections::keep(StreamSocket socket) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kMostKept) kept_.push_back({std::move(socket), Clock::now()});
}

void MemcachedConnections::close_unused_since(Clock::time_point moment) {
  std::vector<Kept> unused;  // closed after the lock is released
  const std::lock_guard lock(mutex_);
  const auto first_in_use =
      std::ranges::find_if(kept_, [moment](const Kept& kept) { return kept.used > moment; });
  unused.assign(std::make_move_iterator(kept_.begin()), std::make_move_iterator(first_in_use));
  kept_.erase(kept_.begin(), first_in_use);
}

}  // namespace iip

// MemcachedSession: one connection to one memcached server, spoken to by APR's client,
// apr_memcache.
//
// The library has the protocol; what it lacks is done here. No call takes longer, or takes more
// from the server, than it may, by the CallClock. What a server says is believed only if the
// library has kept the connection afterwards and nothing has come unasked; else the session is
// closed, with all memory that the library has taken for it, so that a late reply never meets the
// next question and a flood is forgotten.
//
// For the one thread that calls it, but for end(). Nothing here throws but std::bad_alloc.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <apr_memcache.h>
#include <apr_pools.h>

#include "engine/base/bytes.h"
#include "engine/base/mutex.h"
#include "httpd/memcache/call_clock.h"
#include "httpd/memcache/library_socket.h"
#include "httpd/memcache/server_address.h"

namespace iip {

// The longest value that is sent or taken, in bytes: memcached's own limit for an item is 1 MiB
// (its option -I), with key and bookkeeping.
inline constexpr std::size_t kLargestMemcachedValue = 1'000'000;

// A question to the server, and the answer.
struct MemcachedLookup {
  std::string key;                  // at most 250 visible ASCII characters: it is sent as it is
  std::optional<ByteVector> value;  // nullopt: it has none
};

class MemcachedSession {
 public:
  using Clock = CallClock::Clock;
  // done: what was asked for has been done, a miss being an answer too. refused: the server is well
  // and did not take the value. silent: it has not begun to answer, or to accept, in the time that
  // the library gives it. slow: it has, and did not come to an end. broken: no connection, or an
  // answer that makes no sense. The session is closed after the last three.
  enum class Outcome { done, refused, silent, slow, broken };

  // `opening` is locked while a connection is made: sessions with one server share it, so that each
  // can tell its own connection. Both must outlive the session. APR is initialised.
  MemcachedSession(CallClock& clock, Mutex& opening) : clock_(clock), opening_(opening) {}
  ~MemcachedSession() { close(); }
  MemcachedSession(const MemcachedSession&) = delete;
  MemcachedSession& operator=(const MemcachedSession&) = delete;

  // Connects, within the second that the library takes for it at most.
  Outcome open(const SocketAddress& address);
  void close();
  // Open, and the server has not hung up or spoken unasked since the last call.
  bool is_usable() const { return pool_ != nullptr && socket_.is_quiet(); }

  // Asks for all at once. The values are those of `done` only.
  Outcome get(std::span<MemcachedLookup* const> lookups, Clock::time_point until);
  // `expiry` in seconds: 0 for never, at most 30 days (more would be taken for a date).
  Outcome set(const std::string& key, std::uint32_t expiry, std::span<std::uint8_t> value,
              Clock::time_point until);

  // For any thread: the call in progress fails at once, and no connection is made any more.
  void end() {
    is_ended_ = true;
    socket_.shut_down();
  }

 private:
  Outcome connect(const SocketAddress& address);
  Outcome read_answers(std::span<MemcachedLookup* const> lookups, apr_hash_t* values) const;
  bool is_in_step() const { return socket_.is_kept() && socket_.is_quiet(); }

  CallClock& clock_;
  Mutex& opening_;
  std::atomic<bool> is_ended_ = false;
  LibrarySocket socket_;
  apr_pool_t* pool_ = nullptr;       // of the connection; null: there is none
  apr_pool_t* call_pool_ = nullptr;  // of one call, in pool_
  apr_pool_t* temp_pool_ = nullptr;  // which the library clears itself, in pool_
  apr_memcache_t* client_ = nullptr;
  apr_memcache_server_t* server_ = nullptr;
};

}  // namespace iip

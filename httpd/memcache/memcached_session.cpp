#include "httpd/memcache/memcached_session.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <apr_allocator.h>
#include <apr_hash.h>

#include "httpd/memcache/stand_in.h"

namespace iip {

namespace {

using Outcome = MemcachedSession::Outcome;
using namespace std::chrono_literals;

constexpr auto kConnectPatience = 1000ms;               // the library's own, for those made here
constexpr apr_size_t kKeptFree = std::size_t{2} << 20;  // bytes, for the next call
constexpr int kAttempts = 3;
constexpr std::uint64_t kRoomForLines = 16'384;  // of a reply, with each value and without one

// More than that no server has to say, by the count of LibrarySocket: segments are counted beside
// their bytes.
constexpr std::uint64_t longest_reply(std::size_t values) {
  return 2 * (kRoomForLines + values * (kLargestMemcachedValue + kRoomForLines));
}

// As httpd's own pools do: the library would go on with a null pointer.
int no_memory(int) { std::abort(); }

// With an allocator of its own, so that what the library took goes back to the system with it.
apr_pool_t* new_pool() {
  apr_allocator_t* allocator = nullptr;
  if (apr_allocator_create(&allocator) != APR_SUCCESS) return nullptr;
  apr_allocator_max_free_set(allocator, kKeptFree);
  apr_pool_t* pool = nullptr;
  if (apr_pool_create_unmanaged_ex(&pool, no_memory, allocator) != APR_SUCCESS) {
    apr_allocator_destroy(allocator);
    return nullptr;
  }
  apr_allocator_owner_set(allocator, pool);
  return pool;
}

// As the library takes it; of an address of IPv4 or a path.
struct LibraryName {
  std::string host;
  apr_port_t port = 0;
};

LibraryName library_name(const SocketAddress& address) {
  if (address.get()->sa_family == AF_UNIX) {
    return {reinterpret_cast<const sockaddr_un*>(address.get())->sun_path, 0};
  }
  const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(address.get());
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &ipv4->sin_addr, text.data(), text.size());
  return {text.data(), ntohs(ipv4->sin_port)};
}

Outcome outcome_of(apr_status_t failure) {
  return APR_STATUS_IS_TIMEUP(failure) || APR_STATUS_IS_ETIMEDOUT(failure) ? Outcome::silent
                                                                           : Outcome::broken;
}

// What became of a call that the clock may have ended.
Outcome with_end(Outcome outcome, CallClock::End end) {
  switch (end) {
    case CallClock::End::none:
      break;
    case CallClock::End::late:
      return Outcome::slow;
    case CallClock::End::flooded:
      return Outcome::broken;
  }
  return outcome;
}

}  // namespace

MemcachedSession::Outcome MemcachedSession::open(const SocketAddress& address) {
  auto outcome = Outcome::broken;
  for (int attempt = 0; attempt < kAttempts && outcome == Outcome::broken && !is_ended_;
       ++attempt) {
    close();
    pool_ = new_pool();
    if (!pool_) return Outcome::broken;
    apr_pool_create(&call_pool_, pool_);
    apr_pool_create(&temp_pool_, pool_);
    outcome = connect(address);
    if (server_ == nullptr) break;  // there is nobody; else the connection was not to be told
  }
  if (outcome != Outcome::done) close();
  return outcome;
}

MemcachedSession::Outcome MemcachedSession::connect(const SocketAddress& address) {
  const MutexLock lock(opening_);
  if (is_ended_) return Outcome::broken;
  StandIn stand_in;
  const bool is_ipv6 = address.get()->sa_family == AF_INET6;
  if (is_ipv6) {
    const auto prepared = stand_in.prepare(address, kConnectPatience);
    if (prepared == StandIn::Outcome::timeout) return Outcome::silent;
    if (prepared == StandIn::Outcome::broken) return Outcome::broken;
  }
  const SocketAddress& peer = is_ipv6 ? stand_in.address() : address;
  const LibraryName name = library_name(peer);
  const NewConnection connection(peer);
  apr_memcache_server_t* server = nullptr;
  // At least one connection: it is made here and now.
  const apr_status_t status =
      apr_memcache_server_create(pool_, name.host.c_str(), name.port, 1, 1, 1, 0, &server);
  if (status != APR_SUCCESS) return outcome_of(status);
  server_ = server;
  const auto descriptor = connection.find();
  if (!descriptor) return Outcome::broken;
  if (is_ipv6 && !stand_in.take_place_of(*descriptor)) return Outcome::broken;
  if (!socket_.watch(*descriptor)) return Outcome::broken;
  if (apr_memcache_create(pool_, 1, 0, &client_) != APR_SUCCESS ||
      apr_memcache_add_server(client_, server_) != APR_SUCCESS) {
    return Outcome::broken;
  }
  // It may have been ended meanwhile, when there was no socket to shut down.
  return is_ended_ ? Outcome::broken : Outcome::done;
}

void MemcachedSession::close() {
  if (!pool_) return;
  // The library says good-bye, and would wait for a server that does not read.
  socket_.shut_down();
  apr_pool_destroy(pool_);
  socket_.release();
  pool_ = nullptr;
  server_ = nullptr;
}

MemcachedSession::Outcome MemcachedSession::get(std::span<MemcachedLookup* const> lookups,
                                                Clock::time_point until) {
  apr_hash_t* values = nullptr;
  for (const MemcachedLookup* lookup : lookups) {
    apr_memcache_add_multget_key(call_pool_, lookup->key.c_str(), &values);
  }
  auto outcome = Outcome::broken;
  auto end = CallClock::End::none;
  {
    const CallClock::Call call(clock_, socket_, until, longest_reply(lookups.size()));
    const apr_status_t status = apr_memcache_multgetp(client_, temp_pool_, call_pool_, values);
    end = call.end();
    outcome = status == APR_SUCCESS ? read_answers(lookups, values) : outcome_of(status);
  }
  outcome = with_end(outcome, end);
  if (outcome == Outcome::done && !is_in_step()) outcome = Outcome::broken;
  if (outcome != Outcome::done) {
    close();
  } else {
    apr_pool_clear(call_pool_);
  }
  return outcome;
}

MemcachedSession::Outcome MemcachedSession::read_answers(std::span<MemcachedLookup* const> lookups,
                                                         apr_hash_t* values) const {
  for (MemcachedLookup* lookup : lookups) {
    const auto* answer = static_cast<const apr_memcache_value_t*>(
        apr_hash_get(values, lookup->key.c_str(), APR_HASH_KEY_STRING));
    if (!answer) return Outcome::broken;
    lookup->value.reset();
    if (answer->status == APR_NOTFOUND) continue;
    if (answer->status != APR_SUCCESS) return outcome_of(answer->status);
    if (!answer->data || answer->len > kLargestMemcachedValue) return Outcome::broken;
    // The library reads the value and the end of its line as one piece, without looking at the end,
    // and writes a zero behind the value: the line feed must be what comes next.
    if (answer->data[answer->len + 1] != '\n') return Outcome::broken;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(answer->data);
    lookup->value.emplace(bytes, bytes + answer->len);
  }
  return Outcome::done;
}

MemcachedSession::Outcome MemcachedSession::set(const std::string& key, std::uint32_t expiry,
                                                std::span<std::uint8_t> value,
                                                Clock::time_point until) {
  auto outcome = Outcome::broken;
  auto end = CallClock::End::none;
  {
    const CallClock::Call call(clock_, socket_, until, longest_reply(0));
    const apr_status_t status = apr_memcache_set(
        client_, key.c_str(), reinterpret_cast<char*>(value.data()), value.size(), expiry, 0);
    if (status == APR_SUCCESS) {
      outcome = Outcome::done;
    } else if (status == APR_EGENERAL && is_in_step()) {
      // Some other line than STORED; the library does not say which. A server that has refused the
      // value, and is well, tells its version now; whoever speaks something else, or more than was
      // asked for, does not.
      char* version = nullptr;
      if (apr_memcache_version(server_, call_pool_, &version) == APR_SUCCESS) {
        outcome = Outcome::refused;
      }
    }
    end = call.end();
  }
  outcome = with_end(outcome, end);
  if ((outcome == Outcome::done || outcome == Outcome::refused) && !is_in_step()) {
    outcome = Outcome::broken;
  }
  if (outcome == Outcome::slow || outcome == Outcome::broken) {
    close();
  } else {
    apr_pool_clear(call_pool_);
  }
  return outcome;
}

}  // namespace iip

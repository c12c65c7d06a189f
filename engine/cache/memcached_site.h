// MemcachedSite: what one virtual host is to the memcached servers: how its keys are called, how
// its tiles are sealed, how long they are kept, and what became of them.
//
// Shared by the store of the virtual host and the tiles that still wait to be sent. Any thread may
// use it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cache/tile_envelope.h"

namespace iip {

// Since the process started. Every find ends as one of hits to unasked, every store as one of
// stored to too_large or is still waiting.
struct MemcachedCounters {
  using Counter = std::atomic<std::uint64_t>;
  Counter finds = 0;
  Counter hits = 0;
  Counter misses = 0;
  Counter bad = 0;       // what came is not the tile that was asked for
  Counter timeouts = 0;  // no answer within the deadline
  Counter broken = 0;    // no connection, or an answer that makes no sense
  Counter unasked = 0;   // no server is in use

  Counter stores = 0;
  Counter stored = 0;
  Counter refused = 0;    // the server has no room
  Counter dropped = 0;    // too much was waiting, or the server is in trouble
  Counter too_large = 0;  // more than any server takes
};

struct MemcachedSite {
  // Machines of a cluster share what they give the same `name` and `secret`.
  MemcachedSite(std::string_view name, std::string_view secret, std::uint32_t expiry_seconds)
      : envelope(name, secret), expiry(expiry_seconds) {}

  // Digests only: nothing of a request reaches a server as a key.
  std::string key_text(const Digest& key) const {
    const auto site_digits = envelope.site().hex();
    const auto key_digits = key.hex();
    std::string text = "iip:";
    text.append(site_digits.data(), site_digits.size()).append(":");
    return text.append(key_digits.data(), key_digits.size());
  }

  const TileEnvelope envelope;
  const std::uint32_t expiry;  // seconds; 0: never
  MemcachedCounters counters;
};

}  // namespace iip

// MemcachedSite: what one virtual host is to the memcached servers: how its keys are called, how
// its tiles are sealed, how long they are kept, and what became of them.
//
// Shared by the store of the virtual host and the tiles that still wait to be sent. Any thread may
// use it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/remote/memcached_counters.h"
#include "engine/remote/tile_envelope.h"

namespace iip {

struct MemcachedSite {
  // Machines of a cluster share what they give the same `name` and `secret`.
  // `where_to_count` must outlive the site.
  MemcachedSite(std::string_view name, std::string_view secret, std::uint32_t expiry_seconds,
                MemcachedCounters& where_to_count)
      : envelope(name, secret), expiry(expiry_seconds), counters(where_to_count) {}

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
  MemcachedCounters& counters;
};

}  // namespace iip

// What a tile cache has done since its block was formatted, by client and in all.
#pragma once

#include <cstdint>
#include <vector>

namespace iip {

struct TileCacheUse {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stores = 0;
  std::uint64_t evictions = 0;
  std::uint64_t rejected = 0;       // larger than largest_entry()
  std::uint64_t bad_checksums = 0;  // found, but with other bytes than were stored; also a miss
  std::uint64_t entries = 0;        // at present, as are those below
  std::uint64_t bytes = 0;          // of heads and bodies
  std::uint64_t occupied = 0;       // bytes of the segments that hold them, reserved ones included

  TileCacheUse& operator+=(const TileCacheUse& other) {
    hits += other.hits;
    misses += other.misses;
    stores += other.stores;
    evictions += other.evictions;
    rejected += other.rejected;
    bad_checksums += other.bad_checksums;
    entries += other.entries;
    bytes += other.bytes;
    occupied += other.occupied;
    return *this;
  }
};

struct TileCacheCounters {
  TileCacheUse total;
  std::vector<TileCacheUse> clients;  // by client number
  std::uint64_t capacity = 0;         // bytes of all segments
  std::uint64_t dead_owners = 0;      // shards emptied because a process died inside
  std::uint64_t damages = 0;   // shards emptied because their records contradicted themselves
  std::uint64_t refusals = 0;  // lock not granted in time, or unusable: the call did nothing
};

}  // namespace iip

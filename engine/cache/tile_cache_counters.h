// What a tile cache has done since its block was formatted, by client and in all. Value types.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/metric.h"

namespace iip {

struct TileCacheUse {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stores = 0;
  std::uint64_t evictions = 0;
  std::uint64_t rejected = 0;       // larger than largest_entry()
  std::uint64_t bad_checksums = 0;  // found, but with other bytes than were stored; also a miss
  std::uint64_t entries = 0;        // at present, as are those below
  std::uint64_t bytes = 0;          // of the tiles
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

// What the status page shows of a client. Hits and misses stand among its work, where pictures are
// counted and not calls of the cache.
inline constexpr MemberMetric<TileCacheUse> kTileCacheUseMetrics[] = {
    {{"cache_stores", "Pictures put into the tile cache"}, read_member<&TileCacheUse::stores>},
    {{"cache_evictions", "Pictures dropped from the tile cache"},
     read_member<&TileCacheUse::evictions>},
    {{"cache_rejected", "Pictures too large for the tile cache"},
     read_member<&TileCacheUse::rejected>},
    {{"cache_entries", "Pictures in the tile cache", MetricKind::gauge},
     read_member<&TileCacheUse::entries>},
    {{"cache_bytes", "Bytes of pictures in the tile cache", MetricKind::gauge},
     read_member<&TileCacheUse::bytes>},
};

// ... and of the whole cache.
inline constexpr MemberMetric<TileCacheCounters> kTileCacheMetrics[] = {
    {{"cache_capacity_bytes", "Room for pictures in the tile cache", MetricKind::gauge},
     read_member<&TileCacheCounters::capacity>},
    {{"cache_occupied_bytes", "... and how much of it is taken", MetricKind::gauge},
     read_member<&TileCacheCounters::total, &TileCacheUse::occupied>},
    {{"cache_bad_checksums", "Pictures that were found damaged and not used"},
     read_member<&TileCacheCounters::total, &TileCacheUse::bad_checksums>},
    {{"cache_dead_owners", "Parts of the tile cache emptied because a process died in them"},
     read_member<&TileCacheCounters::dead_owners>},
    {{"cache_damages", "Parts of the tile cache emptied because they contradicted themselves"},
     read_member<&TileCacheCounters::damages>},
    {{"cache_refusals", "Calls of the tile cache that gave up on a lock"},
     read_member<&TileCacheCounters::refusals>},
};

}  // namespace iip

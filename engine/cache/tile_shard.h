// One shard of a tile cache, and what is done to it while its lock is held.
//
// TileShard finds a shard's tables in the block; making one costs a few additions. LockedShard is a
// locked section: it holds the lock from construction to destruction, unless ok() is false. All
// numbers of the records are taken as possibly damaged; where one is impossible the section notes
// it, does as little as it can, and the shard is emptied at the end.
//
// An entry is unused, or being filled (it is queued and holds segments, but is not in the index),
// or published (in the index too). A Lease names one entry at one time: once the entry is dropped,
// its generation is never seen again. A LockedShard belongs to the thread that made it; a
// TileShard, a Lease and a TileOffer are values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/hash.h"
#include "engine/cache/ghost_table.h"
#include "engine/cache/segment_space.h"
#include "engine/cache/tile_cache_block.h"
#include "engine/cache/tile_cache_counters.h"
#include "engine/cache/tile_cache_probe.h"

namespace iip {

struct Lease {
  std::uint32_t entry = kNone;
  std::uint64_t generation = 0;
  std::uint64_t checksum = 0;
  std::uint32_t size = 0;
  std::uint32_t first_segment = kNone;
};

// What is to be stored.
struct TileOffer {
  Digest key;
  std::uint64_t checksum = 0;
  std::uint32_t size = 0;
  std::uint32_t client = 0;
};

struct TileShard {
  ShardHead& head;
  std::span<ClientRecord> clients;
  std::span<std::uint32_t> index;  // by bucket: the first entry of it
  std::span<EntryRecord> entries;
  std::span<GhostSlot> ghosts;
  SegmentSpace segments;

  static TileShard at(std::span<std::byte> block, const BlockGeometry& geometry,
                      std::uint32_t number);
  // Formats the shard. False: the system gives no lock.
  bool format() const;
};

class LockedShard {
 public:
  LockedShard(const TileShard& shard, const BlockGeometry& geometry, TileCacheProbe* probe);
  LockedShard(const LockedShard&) = delete;
  LockedShard& operator=(const LockedShard&) = delete;
  ~LockedShard();

  bool ok() const { return ok_; }

  // The entry of a key, noted as asked for. Counts a miss; a hit is counted by confirm().
  std::optional<Lease> look_up(const Digest& key, std::uint32_t client);
  // After copying: whether the copy is of the entry as it was found. `whole`: its checksum is
  // right; where it is not, the entry is dropped.
  bool confirm(const Lease& lease, bool whole, std::uint32_t client);

  // Whether the very same tile is stored already; that counts as asking for it.
  bool holds(const TileOffer& offer);
  // Space for an entry, made by eviction. The entry lies in a queue from now on, so that its space
  // comes back even if nobody publishes it.
  std::optional<Lease> reserve(const TileOffer& offer);
  // Makes it found, in place of an older one of its key. False: it was evicted meanwhile.
  bool publish(const Lease& lease, std::uint32_t client);
  // Gives up a reservation.
  void abandon(const Lease& lease);

  void remove(const Digest& key);
  void clear();
  void count_rejected(std::uint32_t client) { ++shard_.clients[client].rejected; }
  void add_counters(TileCacheCounters& sum) const;

 private:
  void reached(TileCacheMoment moment) const {
    if (probe_ != nullptr) probe_->reached(moment);
  }

  EntryRecord* entry_at(std::uint32_t number);
  EntryRecord* leased(const Lease& lease, EntryState state);
  std::uint32_t find(const Digest& key);
  void enter_in_index(std::uint32_t number);
  void strike_from_index(std::uint32_t number);

  QueueRecord& queue_of(const EntryRecord& entry) const;
  void enqueue(std::uint32_t number, QueueName queue);
  void unqueue(std::uint32_t number);

  bool make_room(std::uint32_t segments, std::uint32_t client);
  std::uint32_t richest_client(std::uint32_t first) const;
  void evict_step(std::uint32_t client);
  void release(std::uint32_t number);

  void empty();

  const TileShard shard_;
  const BlockGeometry& geometry_;
  TileCacheProbe* const probe_;
  GhostTable ghosts_;
  bool ok_ = false;
  bool damaged_ = false;
};

}  // namespace iip

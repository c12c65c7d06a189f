// The block of a tile cache: its layout and the records in it.
//
//   BlockHeader | shard | shard | ...
//   shard: ShardHead | clients | index | entries | ghosts | segment records | segments
//
// BlockGeometry is worked out from the size and the layout alone, in private memory: no offset is
// ever read from the block. Records are plain data; a number in one is an index into a table of the
// same shard, or kNone, and whoever reads it checks it. Threads and processes read and write what
// belongs to a shard with its lock held (tile_shard.h), but for the bytes of segments; the geometry
// is a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/cache/robust_mutex.h"

namespace iip {

struct TileCacheLayout {
  std::uint32_t segment_bytes = 1024;     // a multiple of 64
  std::uint32_t mean_entry_bytes = 4096;  // there is one entry record for so many bytes
  std::uint32_t clients = 64;             // at most 1024
  std::uint32_t shards = 0;               // 0: one for every 8 MiB, at most 256
  std::uint64_t seed = 0;                 // a random one keeps strangers from aiming at one shard

  friend bool operator==(const TileCacheLayout&, const TileCacheLayout&) = default;
};

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::size_t kCacheLine = 64;

constexpr std::uint8_t kMostFrequency = 3;

enum class EntryState : std::uint8_t { unused, filling, published };
enum class QueueName : std::uint8_t { probation, main };

struct EntryRecord {
  Digest key;
  std::uint64_t checksum = 0;    // of key, size and bytes
  std::uint64_t generation = 0;  // unlike any earlier one of the shard; 0 where unused
  std::uint32_t size = 0;        // in bytes
  std::uint32_t first_segment = 0;
  std::uint32_t newer = 0;  // neighbours in the queue; `older` also links unused records
  std::uint32_t older = 0;
  std::uint32_t next_in_bucket = 0;
  std::uint16_t client = 0;
  EntryState state = EntryState::unused;
  QueueName queue = QueueName::probation;
  std::uint8_t frequency = 0;  // times asked for, at most kMostFrequency
};

// Each segment names its owner, so that a chain that strays into another is noticed where it is
// taken or freed. Read without the lock too: always through std::atomic_ref.
struct SegmentRecord {
  std::uint32_t next = 0;
  std::uint32_t owner = 0;  // an entry, or kNone: free
};

// An entry that was dropped unasked-for. Nothing depends on what stands here but a guess.
struct GhostSlot {
  std::uint32_t fingerprint = 0;  // 0: empty
  std::uint32_t dropped_at = 0;   // by ShardHead::ghost_clock
};

struct QueueRecord {
  std::uint32_t newest = 0;
  std::uint32_t oldest = 0;
  std::uint32_t segments = 0;
};

struct ClientRecord {
  QueueRecord probation;
  QueueRecord main;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stores = 0;
  std::uint64_t evictions = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bad_checksums = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

struct ShardHead {
  RobustMutex mutex;           // guards everything of the shard but the segments' bytes
  std::uint64_t refusals = 0;  // counted without the lock, atomically
  std::uint64_t generation = 0;
  std::uint64_t dead_owners = 0;
  std::uint64_t damages = 0;
  std::uint32_t free_segment = 0;
  std::uint32_t free_segments = 0;
  std::uint32_t free_entry = 0;
  std::uint32_t used_entries = 0;
  std::uint32_t ghost_clock = 0;
};

struct BlockHeader {
  std::uint64_t magic = 0;  // written last
  std::uint64_t version = 0;
  std::uint64_t block_size = 0;
  TileCacheLayout layout;
  std::uint64_t checksum = 0;  // of version, size and layout
};

// Where a key belongs.
struct TilePlace {
  std::uint32_t shard = 0;
  std::uint32_t bucket = 0;
  std::uint32_t fingerprint = 0;
};

struct BlockGeometry {
  TileCacheLayout layout;  // with the number of shards worked out
  std::size_t shard_size = 0;
  // For each shard:
  std::uint32_t entries = 0;
  std::uint32_t ghosts = 0;
  std::uint32_t segments = 0;
  std::uint32_t largest_entry = 0;  // bytes
  std::size_t clients_at = 0;
  std::size_t index_at = 0;
  std::size_t entries_at = 0;
  std::size_t ghosts_at = 0;
  std::size_t records_at = 0;
  std::size_t segments_at = 0;

  static Result<BlockGeometry> of(std::size_t block_size, const TileCacheLayout& layout);
  static std::size_t smallest_block(const TileCacheLayout& layout);

  std::size_t shard_at(std::uint32_t shard) const;
  TilePlace place(const Digest& key) const;
  // Segments that an entry needs; kNone where it is larger than largest_entry.
  std::uint32_t segments_for(std::uint64_t bytes) const;
};

// Writes the header, the magic last; and reads it, checking everything.
void write_header(std::span<std::byte> block, const BlockGeometry& geometry);
Result<BlockGeometry> read_header(std::span<std::byte> block);
// A block whose formatting is under way can not be joined.
void void_header(std::span<std::byte> block);

}  // namespace iip

#include "engine/cache/tile_cache_block.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <type_traits>

#include "engine/base/xxh3.h"

namespace iip {
namespace {

constexpr std::uint64_t kMagic = 0x7365'6C69'7470'6969;  // "iiptiles" in memory
// Changes with what the words in the block mean, the checksums of entries included.
constexpr std::uint32_t kVersion = 4;
constexpr std::uint32_t kFewestSegments = 64;
constexpr std::uint32_t kMostSegments = 1U << 30;
constexpr std::uint32_t kLargestShare = 8;  // an entry may take this part of a shard
constexpr std::size_t kAutomaticShard = std::size_t{8} << 20;
constexpr std::uint32_t kMostShards = 256;
constexpr std::uint32_t kMostClients = 1024;
constexpr std::uint32_t kGhostsInBucket = 8;

static_assert(std::is_trivially_copyable_v<EntryRecord> && std::is_trivially_copyable_v<ShardHead>);
static_assert(sizeof(EntryRecord) == 64 && sizeof(SegmentRecord) == 8);

// Two builds that differ in a record differ in this.
constexpr std::uint64_t version_word() {
  return std::uint64_t{kVersion} << 32 | sizeof(ShardHead) << 20 | sizeof(ClientRecord) << 10 |
         sizeof(EntryRecord);
}

constexpr std::size_t round_up(std::size_t size) {
  return (size + kCacheLine - 1) / kCacheLine * kCacheLine;
}

bool valid(const TileCacheLayout& layout) {
  return layout.segment_bytes >= kCacheLine && layout.segment_bytes <= (1U << 20) &&
         layout.segment_bytes % kCacheLine == 0 && layout.mean_entry_bytes >= kCacheLine &&
         layout.mean_entry_bytes <= (1U << 24) && layout.clients >= 1 &&
         layout.clients <= kMostClients && layout.shards <= kMostShards;
}

// Lays out a shard of so many segments; shard_size is what it takes.
BlockGeometry shard_of(std::uint32_t segments, const TileCacheLayout& layout) {
  BlockGeometry shard{};
  shard.layout = layout;
  shard.segments = segments;
  const std::uint64_t bytes = std::uint64_t{segments} * layout.segment_bytes;
  const std::uint64_t entries =
      std::clamp<std::uint64_t>(bytes / layout.mean_entry_bytes, kGhostsInBucket, kMostSegments);
  shard.entries = static_cast<std::uint32_t>(entries);
  shard.ghosts = shard.entries / kGhostsInBucket * kGhostsInBucket;
  shard.largest_entry = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(bytes / kLargestShare, std::uint64_t{1} << 31));
  shard.clients_at = round_up(sizeof(ShardHead));
  shard.index_at = round_up(shard.clients_at + layout.clients * sizeof(ClientRecord));
  shard.entries_at = round_up(shard.index_at + entries * sizeof(std::uint32_t));
  shard.ghosts_at = round_up(shard.entries_at + entries * sizeof(EntryRecord));
  shard.records_at = round_up(shard.ghosts_at + shard.ghosts * sizeof(GhostSlot));
  shard.segments_at = round_up(shard.records_at + std::size_t{segments} * sizeof(SegmentRecord));
  shard.shard_size = shard.segments_at + bytes;
  return shard;
}

// A number below `range`, as evenly as `hash` is.
std::uint32_t scale(std::uint32_t hash, std::uint32_t range) {
  return static_cast<std::uint32_t>(std::uint64_t{hash} * range >> 32);
}

std::uint64_t checksum(const BlockHeader& header) {
  Hasher hasher;
  hasher.add(header.version);
  hasher.add(header.block_size);
  hasher.add(header.layout.segment_bytes);
  hasher.add(header.layout.mean_entry_bytes);
  hasher.add(header.layout.clients);
  hasher.add(header.layout.shards);
  hasher.add(header.layout.seed);
  return hasher.digest().low;
}

BlockHeader& header_of(std::span<std::byte> block) {
  return *reinterpret_cast<BlockHeader*>(block.data());
}

auto unusable(std::string why) {
  return fail(ErrorKind::internal, "the tile cache can not be used", std::move(why));
}

}  // namespace

std::size_t BlockGeometry::smallest_block(const TileCacheLayout& layout) {
  return round_up(sizeof(BlockHeader)) +
         std::max(layout.shards, 1U) * shard_of(kFewestSegments, layout).shard_size;
}

Result<BlockGeometry> BlockGeometry::of(std::size_t block_size, const TileCacheLayout& layout) {
  if (!valid(layout)) return unusable("tile cache: a layout outside its bounds");
  const std::size_t smallest = BlockGeometry::smallest_block(layout);
  if (block_size < smallest) {
    return unusable("tile cache: a block of " + std::to_string(block_size) + " bytes, at least " +
                    std::to_string(smallest) + " are needed");
  }
  TileCacheLayout settled = layout;
  if (settled.shards == 0) {
    settled.shards = static_cast<std::uint32_t>(
        std::clamp<std::size_t>(block_size / kAutomaticShard, 1, kMostShards));
  }

  const std::size_t space =
      (block_size - round_up(sizeof(BlockHeader))) / settled.shards / kCacheLine * kCacheLine;
  // The most segments whose shard fits.
  std::uint32_t fit = kFewestSegments;
  std::uint32_t too_many = kMostSegments;
  while (too_many - fit > 1) {
    const std::uint32_t middle = fit + (too_many - fit) / 2;
    (shard_of(middle, settled).shard_size <= space ? fit : too_many) = middle;
  }
  BlockGeometry geometry = shard_of(fit, settled);
  geometry.shard_size = space;
  return geometry;
}

std::size_t BlockGeometry::shard_at(std::uint32_t shard) const {
  return round_up(sizeof(BlockHeader)) + shard * shard_size;
}

TilePlace BlockGeometry::place(const Digest& key) const {
  const std::array<std::uint64_t, 2> words{key.high, key.low};
  const std::uint64_t hash = XXH3_64bits_withSeed(words.data(), sizeof words, layout.seed);
  const auto high = static_cast<std::uint32_t>(hash >> 32);
  const auto low = static_cast<std::uint32_t>(hash);
  return {scale(high, layout.shards), scale(low, entries), high | 1U};
}

std::uint32_t BlockGeometry::segments_for(std::uint64_t bytes) const {
  if (bytes > largest_entry) return kNone;
  const std::uint64_t whole = (bytes + layout.segment_bytes - 1) / layout.segment_bytes;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(whole, 1));
}

void void_header(std::span<std::byte> block) {
  std::atomic_ref(header_of(block).magic).store(0, std::memory_order_release);
}

void write_header(std::span<std::byte> block, const BlockGeometry& geometry) {
  BlockHeader& header = header_of(block);
  header.version = version_word();
  header.block_size = block.size();
  header.layout = geometry.layout;
  header.checksum = checksum(header);
  std::atomic_ref(header.magic).store(kMagic, std::memory_order_release);
}

Result<BlockGeometry> read_header(std::span<std::byte> block) {
  if (block.size() < sizeof(BlockHeader)) return unusable("tile cache: too small to be a block");
  BlockHeader& header = header_of(block);
  if (std::atomic_ref(header.magic).load(std::memory_order_acquire) != kMagic)
    return unusable("tile cache: the block was never formatted to the end");
  if (header.version != version_word())
    return unusable("tile cache: the block was formatted by another version");
  if (header.block_size != block.size())
    return unusable("tile cache: the block was formatted with another size");
  if (header.checksum != checksum(header)) return unusable("tile cache: the header is damaged");
  return BlockGeometry::of(block.size(), header.layout);
}

}  // namespace iip

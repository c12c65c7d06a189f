#include "engine/cache/tile_cache.h"

#include <atomic>
#include <memory>
#include <utility>

#include "engine/base/xxh3.h"
#include "engine/cache/tile_cache_probe.h"
#include "engine/cache/tile_shard.h"

namespace iip {
namespace {

// The hash of the first words is the seed of the other: no state to set up for a few kilobytes.
std::uint64_t checksum(const Digest& key, ByteSpan tile) {
  const std::uint64_t words[] = {key.high, key.low, tile.size()};
  return XXH3_64bits_withSeed(tile.data(), tile.size(), XXH3_64bits(words, sizeof words));
}

bool aligned(std::span<std::byte> block) {
  return reinterpret_cast<std::uintptr_t>(block.data()) % kCacheLine == 0;
}

auto misaligned() {
  return fail(ErrorKind::internal, "the tile cache can not be used",
              "tile cache: a block that does not start at a multiple of 64");
}

void tell(TileCacheProbe* probe, TileCacheMoment moment) {
  if (probe != nullptr) probe->reached(moment);
}

}  // namespace

std::size_t TileCache::smallest_block(const TileCacheLayout& layout) {
  return BlockGeometry::smallest_block(layout);
}

Result<TileCache> TileCache::create(std::span<std::byte> block, const TileCacheLayout& layout) {
  if (!aligned(block)) return misaligned();
  Result<BlockGeometry> geometry = BlockGeometry::of(block.size(), layout);
  if (!geometry) return pass_on(geometry);
  void_header(block);
  for (std::uint32_t i = 0; i < geometry->layout.shards; ++i) {
    const TileShard shard = TileShard::at(block, *geometry, i);
    if (!shard.format()) {
      return fail(ErrorKind::internal, "the tile cache can not be used",
                  "tile cache: the system gives no lock that processes can share");
    }
    LockedShard(shard, *geometry, nullptr).clear();
  }
  write_header(block, *geometry);
  return TileCache(block, *geometry);
}

Result<TileCache> TileCache::attach(std::span<std::byte> block) {
  if (!aligned(block)) return misaligned();
  Result<BlockGeometry> geometry = read_header(block);
  if (!geometry) return pass_on(geometry);
  return TileCache(block, *geometry);
}

std::optional<Bytes> TileCache::find(const Digest& key, CacheClient client) {
  const TileShard shard = TileShard::at(block_, geometry_, geometry_.place(key).shard);
  const std::uint32_t number = static_cast<std::uint32_t>(client) % geometry_.layout.clients;
  std::optional<Lease> lease;
  {
    LockedShard locked(shard, geometry_, probe_);
    if (locked.ok()) lease = locked.look_up(key, number);
  }
  if (!lease) return std::nullopt;

  const auto storage = std::make_shared_for_overwrite<std::uint8_t[]>(lease->size);
  const std::span tile(storage.get(), lease->size);
  tell(probe_, TileCacheMoment::copying_out);
  const bool whole = shard.segments.copy_out(lease->first_segment, lease->entry, tile) &&
                     checksum(key, tile) == lease->checksum;
  tell(probe_, TileCacheMoment::copied_out);
  LockedShard locked(shard, geometry_, probe_);
  if (!locked.ok() || !locked.confirm(*lease, whole, number)) return std::nullopt;
  return Bytes(storage, tile.size());
}

bool TileCache::store(const Digest& key, ByteSpan tile, CacheClient client) {
  const TileShard shard = TileShard::at(block_, geometry_, geometry_.place(key).shard);
  TileOffer offer;
  offer.key = key;
  offer.client = static_cast<std::uint32_t>(client) % geometry_.layout.clients;
  if (geometry_.segments_for(tile.size()) == kNone) {
    LockedShard locked(shard, geometry_, probe_);
    if (locked.ok()) locked.count_rejected(offer.client);
    return false;
  }
  offer.size = static_cast<std::uint32_t>(tile.size());
  offer.checksum = checksum(key, tile);
  std::optional<Lease> lease;
  {
    LockedShard locked(shard, geometry_, probe_);
    if (!locked.ok()) return false;
    if (locked.holds(offer)) return true;
    lease = locked.reserve(offer);
  }
  if (!lease) return false;

  tell(probe_, TileCacheMoment::copying_in);
  const bool whole = shard.segments.copy_in(lease->first_segment, lease->entry, tile);
  tell(probe_, TileCacheMoment::copied_in);
  LockedShard locked(shard, geometry_, probe_);
  if (!locked.ok()) return false;
  if (whole) return locked.publish(*lease, offer.client);
  locked.abandon(*lease);
  return false;
}

void TileCache::remove(const Digest& key) {
  LockedShard locked(TileShard::at(block_, geometry_, geometry_.place(key).shard), geometry_,
                     probe_);
  if (locked.ok()) locked.remove(key);
}

void TileCache::clear() {
  for (std::uint32_t i = 0; i < geometry_.layout.shards; ++i) {
    LockedShard locked(TileShard::at(block_, geometry_, i), geometry_, probe_);
    if (locked.ok()) locked.clear();
  }
}

TileCacheCounters TileCache::counters() const {
  TileCacheCounters sum;
  sum.clients.resize(geometry_.layout.clients);
  sum.capacity =
      std::uint64_t{geometry_.segments} * geometry_.layout.segment_bytes * geometry_.layout.shards;
  for (std::uint32_t i = 0; i < geometry_.layout.shards; ++i) {
    const TileShard shard = TileShard::at(block_, geometry_, i);
    const LockedShard locked(shard, geometry_, probe_);
    if (locked.ok()) locked.add_counters(sum);
    sum.refusals += std::atomic_ref(shard.head.refusals).load(std::memory_order_relaxed);
  }
  for (const TileCacheUse& client : sum.clients) sum.total += client;
  return sum;
}

}  // namespace iip

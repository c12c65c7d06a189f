// TileCache: finished answers kept in a given block of memory, for every thread of every process
// that maps the block.
//
// The block is all the memory there is: records, index, lists and bytes lie in it, so its size is
// the exact limit. A TileCache is a small view of a block (it owns nothing and may be copied); the
// block must outlive it. Everything in the block is addressed by number, so that each process may
// map it anywhere; the start must be aligned to 64 bytes.
//
// Space. A block is cut into shards, each with its own lock, and a shard into segments of one
// kibibyte. An entry is a chain of segments: it occupies its size rounded up to whole segments, and
// any free segments will do, so there is no fragmentation, nothing to compact, and half a segment
// lost by an entry (about 3 % at a typical 16 KiB). A ring of bytes would lose less, but can not
// keep what is wanted and drop what lies beside it.
//
// What stays. S3-FIFO: a new entry passes through a small queue (a tenth of the space) and enters
// the main queue only if it was asked for meanwhile, so a scan of a whole image flows through the
// small queue and leaves the rest alone; an entry that returns soon after it was dropped enters the
// main queue at once. Each client (a virtual host) has queues of its own and the client that holds
// most gives up space first: a client can use what others leave, but only up to equal shares.
//
// Crashes and damage. No lock is held while an entry's bytes are copied. A reader copies first and
// then asks whether the entry was still the same; a checksum over key and bytes makes anything else
// a miss. A process may be killed at any point: inside a locked section it costs that shard's
// content, between reserving and publishing it costs the reserved space until eviction takes it
// back. Numbers read from the block are checked before use; a shard that contradicts itself is
// emptied. A lock that is not granted in time (its holder is stopped) is a miss. Only the lock
// itself, which belongs to the C library, is taken on trust.
//
// Thread-safe, and safe between processes. Nothing here fails: what goes wrong is a miss, or is not
// stored. find() may throw std::bad_alloc, never with a lock held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/cache/tile_cache_block.h"
#include "engine/cache/tile_cache_counters.h"

namespace iip {

class TileCacheProbe;

// Whose entry it is, for quota and counters: virtual hosts, numbered from 0. Numbers from
// TileCacheLayout::clients up are taken modulo that, and share.
enum class CacheClient : std::uint16_t {};

class TileCache {
 public:
  // The least size of a block that create() accepts.
  static std::size_t smallest_block(const TileCacheLayout& layout = {});

  // Formats the block. Nobody else may use it meanwhile.
  static Result<TileCache> create(std::span<std::byte> block, const TileCacheLayout& layout = {});

  // Joins a block that create() formatted, with its content. Fails where it was formatted by
  // another version, with another size, or never to the end.
  static Result<TileCache> attach(std::span<std::byte> block);

  std::optional<Bytes> find(const Digest& key, CacheClient client);

  // Keeps the tile, in place of what was kept under the key. False: it is larger than
  // largest_entry(), or the shard was not to be had.
  bool store(const Digest& key, ByteSpan tile, CacheClient client);

  // Forgets an entry, or all. What another thread is storing at the moment may still appear.
  void remove(const Digest& key);
  void clear();

  // Locks one shard after the other: exact for each shard, not one moment of all.
  TileCacheCounters counters() const;

  // An eighth of a shard.
  std::size_t largest_entry() const { return geometry_.largest_entry; }
  const TileCacheLayout& layout() const { return geometry_.layout; }

  // For tests: is told what the cache is about to do. `probe` may be null and must outlive its use.
  void watch(TileCacheProbe* probe) { probe_ = probe; }

 private:
  TileCache(std::span<std::byte> block, const BlockGeometry& geometry)
      : block_(block), geometry_(geometry) {}

  std::span<std::byte> block_;
  // Worked out from the block's header when it was joined, and never read from the block again.
  BlockGeometry geometry_;
  TileCacheProbe* probe_ = nullptr;
};

}  // namespace iip

// Random operations on a tile cache, compared with a map that never forgets by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tile_cache_support.h"

namespace iip {
namespace {

using test::key_of;

class Model {
 public:
  Model(std::span<std::byte> block, const TileCacheLayout& layout, std::uint64_t seed)
      : block_(block), cache_(TileCache::create(block, layout).value()), random_(seed) {}

  void step() {
    const std::uint64_t number = below(300);
    const CacheClient client{static_cast<std::uint16_t>(below(5))};
    const std::uint64_t choice = below(1000);
    if (choice < 450) {
      look(number, client);
    } else if (choice < 900) {
      store(number, client);
    } else if (choice < 990) {
      cache_.remove(key_of(number));
      kept_.erase(number);
    } else if (choice < 998) {
      cache_ = TileCache::attach(block_).value();
    } else {
      cache_.clear();
      kept_.clear();
    }
  }

  // Everything that is still there is right, and the counters agree with it.
  void settle() {
    const TileCacheCounters before = cache_.counters();
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t occupied = 0;
    for (const auto& [number, kept] : kept_) {
      if (!look(number, CacheClient{0})) continue;
      const std::size_t segment = cache_.layout().segment_bytes;
      ++entries;
      bytes += kept.size();
      occupied += std::max<std::size_t>((kept.size() + segment - 1) / segment, 1) * segment;
    }
    EXPECT_EQ(before.total.entries, entries);
    EXPECT_EQ(before.total.bytes, bytes);
    EXPECT_EQ(before.total.occupied, occupied);
    EXPECT_LE(before.total.occupied, before.capacity);
    const TileCacheCounters after = cache_.counters();
    EXPECT_EQ(after.total.hits, hits_);
    EXPECT_EQ(after.total.hits + after.total.misses, looks_);
    EXPECT_EQ(after.total.rejected, rejected_);
    EXPECT_EQ(after.total.bad_checksums, 0U);
    EXPECT_EQ(after.damages, 0U);
    EXPECT_EQ(after.dead_owners, 0U);
    EXPECT_EQ(after.refusals, 0U);
  }

  std::uint64_t hits() const { return hits_; }
  std::uint64_t evictions() const { return cache_.counters().total.evictions; }

 private:
  std::uint64_t below(std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_);
  }

  bool look(std::uint64_t number, CacheClient client) {
    ++looks_;
    const auto found = cache_.find(key_of(number), client);
    if (!found) return false;
    ++hits_;
    const auto kept = kept_.find(number);
    if (kept == kept_.end()) {
      ADD_FAILURE() << "found what was not stored, or was removed: " << number;
      return false;
    }
    EXPECT_TRUE(std::ranges::equal(found->span(), kept->second)) << number;
    return true;
  }

  void store(std::uint64_t number, CacheClient client) {
    const std::size_t largest = cache_.largest_entry();
    std::size_t size = below(4) == 0 ? below(200) : below(largest / 3);
    if (below(50) == 0) size = largest - below(2) * 8;
    const bool too_large = below(50) == 0;
    if (too_large) size = largest + 1 + below(5000);
    ByteVector tile = test::bytes_of(number, version_++, size);
    const bool stored = cache_.store(key_of(number), tile, client);
    EXPECT_EQ(stored, !too_large) << size;
    if (stored)
      kept_[number] = std::move(tile);
    else
      ++rejected_;
  }

  std::span<std::byte> block_;
  TileCache cache_;
  std::mt19937_64 random_;
  std::map<std::uint64_t, ByteVector> kept_;
  std::uint64_t version_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t rejected_ = 0;
};

TEST(TileCacheModel, FindsNothingButWhatWasStoredLast) {
  for (std::uint32_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(seed);
    TileCacheLayout layout;
    layout.seed = seed;
    layout.shards = 1 + seed % 3;
    layout.clients = 1 + seed % 4;
    layout.segment_bytes = seed % 2 == 0 ? 1024 : 64;
    layout.mean_entry_bytes = seed % 5 == 0 ? 16'384 : 2048;
    test::HeapBlock block(std::max(TileCache::smallest_block(layout), std::size_t{400'000}));
    Model model(block.span(), layout, seed);
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < 1000; ++i) model.step();
      model.settle();
    }
    EXPECT_GT(model.hits(), 100U) << "the cache keeps too little for the test to mean anything";
    EXPECT_GT(model.evictions(), 40U);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace iip

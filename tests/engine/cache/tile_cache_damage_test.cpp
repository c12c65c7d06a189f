// Bits that turn over in the block: what is found stays right or is a miss, and nothing crashes,
// hangs or stays broken. The locks are left alone: they belong to the C library.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "engine/cache/tile_cache_block.h"
#include "tile_cache_support.h"

namespace iip {
namespace {

constexpr CacheClient kClients[] = {CacheClient{0}, CacheClient{1}};

// Small, so that every bit can be tried.
TileCacheLayout small_layout() {
  TileCacheLayout layout;
  layout.segment_bytes = 64;
  layout.mean_entry_bytes = 256;
  layout.clients = 2;
  layout.shards = 1;
  return layout;
}

void fill(TileCache& cache, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t i = from; i < to; ++i) {
    test::store(cache, i, 0, 40 + i * 37 % 300, kClients[i % 2]);
    if (i % 3 == 0) cache.find(test::key_of(i), kClients[i % 2]);
  }
}

// Whether everything that is found is right.
bool all_right(TileCache& cache, std::uint64_t to) {
  for (std::uint64_t i = 0; i < to; ++i) {
    const auto found = cache.find(test::key_of(i), kClients[i % 2]);
    if (found && !test::is_tile_of(i, *found)) return false;
  }
  return true;
}

bool usable(TileCache& cache) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    // Damage may be found by the very store that is tried.
    if (test::store(cache, 7, 1, 300) && cache.find(test::key_of(7), kClients[0])) return true;
  }
  return false;
}

void turn(std::span<std::byte> block, std::size_t bit) {
  block[bit / 8] ^= std::byte{static_cast<std::uint8_t>(1U << bit % 8)};
}

class DamagedBlock : public testing::Test {
 protected:
  DamagedBlock()
      : layout_(small_layout()),
        geometry_(BlockGeometry::of(TileCache::smallest_block(layout_), layout_).value()),
        block_(TileCache::smallest_block(layout_)) {}

  // Records begin behind the lock and end where the segments begin.
  std::size_t first_byte() const { return geometry_.shard_at(0) + sizeof(RobustMutex); }
  std::size_t first_segment() const { return geometry_.shard_at(0) + geometry_.segments_at; }

  TileCacheLayout layout_;
  BlockGeometry geometry_;
  test::HeapBlock block_;
};

TEST_F(DamagedBlock, AnyBitOfTheRecordsMayTurn) {
  std::uint64_t noticed = 0;
  for (std::size_t bit = first_byte() * 8; bit < first_segment() * 8; ++bit) {
    TileCache cache = TileCache::create(block_.span(), layout_).value();
    fill(cache, 0, 12);
    turn(block_.span(), bit);
    ASSERT_TRUE(all_right(cache, 12)) << "bit " << bit;
    fill(cache, 12, 30);
    ASSERT_TRUE(all_right(cache, 30)) << "bit " << bit;
    ASSERT_TRUE(usable(cache)) << "bit " << bit;
    const TileCacheCounters counters = cache.counters();
    noticed += counters.damages != 0 ? 1 : 0;
  }
  EXPECT_GT(noticed, 1000U);
}

// Were it freed as it stands, another entry's segments would be given away.
TEST_F(DamagedBlock, AChainThatStraysIntoAnotherEmptiesTheShard) {
  TileCache cache = TileCache::create(block_.span(), layout_).value();
  ASSERT_TRUE(test::store(cache, 1, 0, 300));
  ASSERT_TRUE(test::store(cache, 2, 0, 300));
  const std::span<SegmentRecord> records(
      reinterpret_cast<SegmentRecord*>(block_.span().data() + geometry_.shard_at(0) +
                                       geometry_.records_at),
      geometry_.segments);
  // Both are as long, and lie in order in a new block: from the first of the one to the second of
  // the other, so that the length and the end are right.
  std::vector<std::uint32_t> one;
  std::vector<std::uint32_t> other;
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    if (records[i].owner != kNone)
      (records[i].owner == records[0].owner ? one : other).push_back(i);
  }
  ASSERT_EQ(one.size(), 6U);
  ASSERT_EQ(other.size(), 6U);
  ASSERT_EQ(records[one[0]].next, one[1]);
  records[one[0]].next = other[1];
  EXPECT_FALSE(cache.find(test::key_of(1), kClients[0]));
  EXPECT_EQ(cache.counters().damages, 1U);
  EXPECT_EQ(cache.counters().total.entries, 0U);
  EXPECT_TRUE(usable(cache));
}

TEST_F(DamagedBlock, AnyBitOfATileMakesItAMiss) {
  TileCache cache = TileCache::create(block_.span(), layout_).value();
  std::uint64_t misses = 0;
  const std::size_t end = block_.span().size() * 8;
  for (std::size_t bit = first_segment() * 8; bit < end; bit += 5) {
    cache.clear();
    ASSERT_TRUE(test::store(cache, 1, 0, 200));
    turn(block_.span(), bit);
    const auto found = cache.find(test::key_of(1), kClients[0]);
    ASSERT_TRUE(!found || test::is_tile_of(1, *found)) << "bit " << bit;
    if (!found) {
      ++misses;
      ASSERT_TRUE(test::store(cache, 1, 0, 200));
      ASSERT_TRUE(cache.find(test::key_of(1), kClients[0])) << "a bad entry stays in the way";
    }
  }
  // 224 bytes with the name.
  EXPECT_NEAR(static_cast<double>(misses), 224 * 8 / 5, 2);
  EXPECT_EQ(cache.counters().total.bad_checksums, misses);
  EXPECT_EQ(cache.counters().damages, 0U);
}

TEST_F(DamagedBlock, WholeWordsMayBeAnything) {
  std::mt19937_64 random(7);
  TileCache cache = TileCache::create(block_.span(), layout_).value();
  const auto below = [&random](std::uint64_t end) { return random() % end; };
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    for (std::uint64_t words = 1 + below(4); words > 0; --words) {
      const std::size_t end = below(4) == 0 ? block_.span().size() : first_segment();
      const std::size_t at = first_byte() + below((end - first_byte()) / 4) * 4;
      // Small numbers are indices, and likelier to be believed.
      const auto value = static_cast<std::uint32_t>(below(2) == 0 ? below(64) : random());
      std::memcpy(block_.span().data() + at, &value, sizeof value);
    }
    fill(cache, round % 20, round % 20 + 5);
    ASSERT_TRUE(all_right(cache, 25)) << "round " << round;
    if (round % 7 == 0) cache.remove(test::key_of(below(25)));
  }
  ASSERT_TRUE(usable(cache));
}

TEST_F(DamagedBlock, NoiseInPlaceOfAllRecords) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    TileCache cache = TileCache::create(block_.span(), layout_).value();
    fill(cache, 0, 12);
    for (std::size_t at = first_byte(); at < first_segment(); ++at)
      block_.span()[at] = std::byte{static_cast<std::uint8_t>(random() >> 32)};
    ASSERT_TRUE(all_right(cache, 12)) << "round " << round;
    fill(cache, 0, 5);
    ASSERT_TRUE(usable(cache)) << "round " << round;
  }
}

}  // namespace
}  // namespace iip

// Many threads on one tile cache; means most under a thread sanitiser.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "tile_cache_support.h"

namespace iip {
namespace {

using test::key_of;

TEST(TileCacheThreads, NobodySeesAWrongByte) {
  TileCacheLayout layout;
  layout.shards = 2;
  layout.clients = 3;
  // Small, so that segments change hands under the readers.
  test::HeapBlock block(300'032);
  TileCache cache = TileCache::create(block.span(), layout).value();
  constexpr int kThreads = 8;
  constexpr int kRounds = 4000;
  std::atomic<std::uint64_t> finds{0};
  std::atomic<std::uint64_t> hits{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<std::uint64_t>(i));
      // A view of its own, as another process would have.
      TileCache own = TileCache::attach(block.span()).value();
      const CacheClient client{static_cast<std::uint16_t>(i % 3)};
      for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t number = random() % 60;
        const auto found = own.find(key_of(number), client);
        ++finds;
        if (found) ++hits;
        if (found && !test::is_tile_of(number, *found)) ++wrong;
        if (!found || round % 8 == 0)
          test::store(own, number, random() % 4, random() % 9000, client);
        if (round % 100 == 0) own.remove(key_of(random() % 60));
        if (round % 1000 == 0) own.counters();
        if (i == 0 && round % 1500 == 1499) own.clear();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(hits, finds / 20);
  const TileCacheCounters counters = cache.counters();
  EXPECT_EQ(counters.total.hits, hits);
  EXPECT_LE(counters.total.hits + counters.total.misses, finds);
  EXPECT_GE(counters.total.hits + counters.total.misses + counters.refusals, finds);
  EXPECT_GT(counters.total.evictions, 100U);
  EXPECT_EQ(counters.damages, 0U);
  EXPECT_EQ(counters.dead_owners, 0U);
}

// All want the same tile at once: every answer is one of the versions, whole.
TEST(TileCacheThreads, OneTileForAll) {
  constexpr int kMakers = 3;
  constexpr int kHits = 1000;            // that each reader waits for
  constexpr int kAttempts = 50'000'000;  // only a cache that never has it comes so far
  test::HeapBlock block(300'032);
  TileCache cache = TileCache::create(block.span()).value();
  std::atomic<int> making{kMakers};
  std::atomic<int> wrong{0};
  std::atomic<int> satisfied{0};
  std::vector<std::thread> threads;
  for (int maker = 0; maker < kMakers; ++maker) {
    threads.emplace_back([&] {
      for (std::uint64_t round = 0; round < 3000; ++round)
        test::store(cache, 1, round % 3, 4000 + round % 7);
      --making;
    });
    threads.emplace_back([&] {
      int hits = 0;
      // On while others make it, and in any case until there were answers to look at.
      for (int attempt = 0; attempt < kAttempts && (making > 0 || hits < kHits); ++attempt) {
        const auto found = cache.find(key_of(1), CacheClient{0});
        if (!found) continue;
        ++hits;
        if (!test::is_tile_of(1, *found)) ++wrong;
      }
      if (hits >= kHits) ++satisfied;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(satisfied, kMakers);
  EXPECT_EQ(cache.counters().damages, 0U);
}

}  // namespace
}  // namespace iip

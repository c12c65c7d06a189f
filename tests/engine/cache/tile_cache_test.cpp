#include "engine/cache/tile_cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <numeric>

#include "tile_cache_support.h"

namespace iip {
namespace {

using test::HeapBlock;
using test::key_of;
using test::Mapping;
using test::SharedMemory;
using test::store;

constexpr CacheClient kOne{0};
constexpr CacheClient kOther{1};
constexpr std::size_t kMebibyte = std::size_t{1} << 20;

ByteVector vector_of(const Bytes& tile) { return {tile.span().begin(), tile.span().end()}; }

TileCacheLayout one_shard() {
  TileCacheLayout layout;
  layout.shards = 1;
  return layout;
}

bool has(TileCache& cache, std::uint64_t number, CacheClient client = kOne) {
  const auto found = cache.find(key_of(number), client);
  EXPECT_TRUE(!found || test::is_tile_of(number, *found)) << "tile " << number;
  return found.has_value();
}

TEST(TileCache, GivesBackWhatWasStored) {
  HeapBlock block(kMebibyte);
  TileCache cache = TileCache::create(block.span()).value();
  EXPECT_FALSE(cache.find(key_of(1), kOne));
  const ByteVector tile = test::bytes_of(1, 0, 10'000);
  EXPECT_TRUE(cache.store(key_of(1), tile, kOne));
  const auto found = cache.find(key_of(1), kOne);
  ASSERT_TRUE(found);
  EXPECT_EQ(vector_of(*found), tile);
  EXPECT_FALSE(cache.find(key_of(2), kOne));
}

TEST(TileCache, KeepsEverySizeUpToTheLargest) {
  HeapBlock block(kMebibyte);
  TileCache cache = TileCache::create(block.span()).value();
  const std::size_t largest = cache.largest_entry();
  EXPECT_GE(largest, 100'000U);
  // Around whole words and whole segments, and each size from 0 to two words.
  std::vector<std::size_t> sizes(17);
  std::iota(sizes.begin(), sizes.end(), 0);
  for (const std::size_t end : {1024U, 2048U, 4096U}) {
    for (std::size_t size = end - 9; size <= end + 9; ++size) sizes.push_back(size);
  }
  for (const std::size_t size : sizes) {
    const ByteVector tile = test::bytes_of(1, 1, size);
    ASSERT_TRUE(cache.store(key_of(1), tile, kOne));
    const auto found = cache.find(key_of(1), kOne);
    ASSERT_TRUE(found) << size;
    EXPECT_EQ(vector_of(*found), tile);
  }
  EXPECT_TRUE(cache.store(key_of(2), test::bytes_of(2, 0, largest), kOne));
  EXPECT_TRUE(cache.find(key_of(2), kOne));
  EXPECT_FALSE(cache.store(key_of(3), test::bytes_of(3, 0, largest + 1), kOne));
  EXPECT_FALSE(cache.store(key_of(3), test::bytes_of(3, 0, 2 * largest), kOne));
  EXPECT_FALSE(cache.find(key_of(3), kOne));
  EXPECT_EQ(cache.counters().total.rejected, 2U);
}

TEST(TileCache, TheLastStoredStays) {
  HeapBlock block(kMebibyte);
  TileCache cache = TileCache::create(block.span()).value();
  EXPECT_TRUE(cache.store(key_of(1), test::bytes_of(1, 1, 5000), kOne));
  EXPECT_TRUE(cache.store(key_of(1), test::bytes_of(1, 2, 3000), kOne));
  EXPECT_EQ(vector_of(cache.find(key_of(1), kOne).value()), test::bytes_of(1, 2, 3000));
  const TileCacheUse use = cache.counters().total;
  EXPECT_EQ(use.entries, 1U);
  EXPECT_EQ(use.bytes, 3000U);
  EXPECT_EQ(use.occupied, 3 * 1024U);
  EXPECT_EQ(use.stores, 2U);
  // The very same once more is no work.
  EXPECT_TRUE(cache.store(key_of(1), test::bytes_of(1, 2, 3000), kOne));
  EXPECT_EQ(cache.counters().total.stores, 2U);
}

TEST(TileCache, ForgetsOnRequest) {
  HeapBlock block(4 * kMebibyte);
  TileCacheLayout layout;
  layout.shards = 3;
  TileCache cache = TileCache::create(block.span(), layout).value();
  for (std::uint64_t i = 0; i < 30; ++i) ASSERT_TRUE(store(cache, i, 0, 2000));
  cache.remove(key_of(7));
  cache.remove(key_of(1000));
  EXPECT_FALSE(has(cache, 7));
  EXPECT_TRUE(has(cache, 8));
  EXPECT_EQ(cache.counters().total.entries, 29U);
  cache.clear();
  for (std::uint64_t i = 0; i < 30; ++i) EXPECT_FALSE(has(cache, i));
  EXPECT_EQ(cache.counters().total.entries, 0U);
  EXPECT_EQ(cache.counters().total.occupied, 0U);
  EXPECT_TRUE(store(cache, 7, 0, 2000));
  EXPECT_TRUE(has(cache, 7));
}

TEST(TileCache, CountsByClient) {
  HeapBlock block(kMebibyte);
  TileCacheLayout layout;
  layout.clients = 4;
  TileCache cache = TileCache::create(block.span(), layout).value();
  ASSERT_TRUE(store(cache, 1, 0, 1000, kOne));
  ASSERT_TRUE(store(cache, 2, 0, 500, CacheClient{5}));  // shares with number 1
  EXPECT_TRUE(has(cache, 1, kOther));
  EXPECT_FALSE(has(cache, 3, kOther));
  EXPECT_FALSE(has(cache, 3, kOne));
  const TileCacheCounters counters = cache.counters();
  ASSERT_EQ(counters.clients.size(), 4U);
  EXPECT_EQ(counters.clients[0].stores, 1U);
  EXPECT_EQ(counters.clients[0].bytes, 1024U);  // with the name of 24 bytes
  EXPECT_EQ(counters.clients[0].hits, 0U);
  EXPECT_EQ(counters.clients[0].misses, 1U);
  EXPECT_EQ(counters.clients[1].stores, 1U);
  EXPECT_EQ(counters.clients[1].hits, 1U);
  EXPECT_EQ(counters.clients[1].misses, 1U);
  EXPECT_EQ(counters.total.entries, 2U);
  EXPECT_EQ(counters.refusals, 0U);
}

TEST(TileCache, FillsItsBlockToTheBrim) {
  for (const std::size_t size : {kMebibyte, 16 * kMebibyte}) {
    HeapBlock block(size);
    TileCache cache = TileCache::create(block.span()).value();
    for (std::uint64_t i = 0; i < size / 4000; ++i) ASSERT_TRUE(store(cache, i, 0, 7000));
    const TileCacheCounters counters = cache.counters();
    EXPECT_GT(counters.capacity, size * 95 / 100) << "records take too much";
    EXPECT_LT(counters.capacity, size);
    EXPECT_LE(counters.total.occupied, counters.capacity);
    EXPECT_GT(counters.total.occupied, counters.capacity - 16'384) << "evicted without need";
    EXPECT_EQ(counters.total.stores, counters.total.entries + counters.total.evictions);
  }
}

TEST(TileCache, EvictsWhenEntriesAreTooSmallToFillIt) {
  HeapBlock block(kMebibyte);
  TileCache cache = TileCache::create(block.span()).value();
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_TRUE(store(cache, i, 0, 10));
    ASSERT_TRUE(has(cache, i));
  }
}

// What is asked for twice survives a scan of ten times the cache, which LRU would not.
TEST(TileCache, AScanLeavesTheHotSet) {
  HeapBlock block(4 * kMebibyte);
  TileCache cache = TileCache::create(block.span()).value();
  constexpr std::uint64_t kHot = 200;  // 1.6 MiB
  for (std::uint64_t i = 0; i < kHot; ++i) ASSERT_TRUE(store(cache, i, 0, 8000));
  for (std::uint64_t i = 0; i < kHot; ++i) ASSERT_TRUE(has(cache, i));
  for (std::uint64_t i = 0; i < 5000; ++i) ASSERT_TRUE(store(cache, 1'000'000 + i, 0, 8000));
  int kept = 0;
  for (std::uint64_t i = 0; i < kHot; ++i) kept += has(cache, i) ? 1 : 0;
  EXPECT_EQ(kept, static_cast<int>(kHot));
}

// A tile that is stored again soon after it was dropped is wanted, though it was never found.
TEST(TileCache, WhatReturnsSoonStays) {
  HeapBlock block(4 * kMebibyte);
  TileCache cache = TileCache::create(block.span(), one_shard()).value();
  ASSERT_TRUE(store(cache, 1, 0, 8000));
  // Exactly until it has left.
  std::uint64_t scanned = 1'000'000;
  while (cache.counters().total.evictions == 0) ASSERT_TRUE(store(cache, scanned++, 0, 8000));
  ASSERT_TRUE(store(cache, 1, 0, 8000));
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(store(cache, scanned++, 0, 8000));
  EXPECT_TRUE(has(cache, 1));
}

// And what is not asked for any more makes room in the end.
TEST(TileCache, AnOldHotSetGivesWayToANewOne) {
  HeapBlock block(4 * kMebibyte);
  TileCache cache = TileCache::create(block.span(), one_shard()).value();
  const auto visit = [&cache](std::uint64_t number) {
    EXPECT_TRUE(has(cache, number) || store(cache, number, 0, 8000));
  };
  for (int round = 0; round < 4; ++round)
    for (std::uint64_t i = 0; i < 400; ++i) visit(i);
  for (int round = 0; round < 6; ++round)
    for (std::uint64_t i = 1000; i < 1400; ++i) visit(i);
  int kept = 0;
  for (std::uint64_t i = 1000; i < 1400; ++i) kept += has(cache, i) ? 1 : 0;
  EXPECT_GT(kept, 380);
}

TEST(TileCache, AClientCanNotFlushAnother) {
  HeapBlock block(4 * kMebibyte);
  TileCache cache = TileCache::create(block.span(), one_shard()).value();
  constexpr std::uint64_t kQuiet = 150;  // 1.2 MiB, less than half
  for (std::uint64_t i = 0; i < kQuiet; ++i) ASSERT_TRUE(store(cache, i, 0, 8000, kOne));
  // Never asked for again, while the other asks for everything it stores three times.
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_TRUE(store(cache, 1'000'000 + i, 0, 8000, kOther));
    for (int again = 0; again < 3; ++again) ASSERT_TRUE(has(cache, 1'000'000 + i, kOther));
  }
  for (std::uint64_t i = 0; i < kQuiet; ++i) EXPECT_TRUE(has(cache, i, kOne));
  EXPECT_EQ(cache.counters().clients[0].evictions, 0U);
}

TEST(TileCache, ALoneClientHasAllAndSharesWhenAnotherComes) {
  HeapBlock block(4 * kMebibyte);
  TileCache cache = TileCache::create(block.span(), one_shard()).value();
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(store(cache, i, 0, 8000, kOne));
    ASSERT_TRUE(has(cache, i, kOne));
  }
  TileCacheCounters counters = cache.counters();
  EXPECT_GT(counters.clients[0].occupied, counters.capacity - 16'384);
  for (std::uint64_t i = 0; i < 1000; ++i)
    ASSERT_TRUE(store(cache, 1'000'000 + i, 0, 8000, kOther));
  counters = cache.counters();
  const auto half = static_cast<double>(counters.capacity) / 2;
  EXPECT_NEAR(static_cast<double>(counters.clients[0].occupied), half, 16'384);
  EXPECT_NEAR(static_cast<double>(counters.clients[1].occupied), half, 16'384);
}

TEST(TileCache, MappingsAtOtherAddressesSeeTheSame) {
  const SharedMemory memory(kMebibyte);
  const Mapping first(memory);
  const Mapping second(memory);
  ASSERT_NE(first.span().data(), second.span().data());
  TileCache one = TileCache::create(first.span()).value();
  TileCache two = TileCache::attach(second.span()).value();
  EXPECT_EQ(one.layout(), two.layout());
  EXPECT_EQ(one.largest_entry(), two.largest_entry());
  for (std::uint64_t i = 0; i < 2000; ++i) {
    ASSERT_TRUE(store(i % 2 == 0 ? one : two, i, 0, 3000));
    ASSERT_TRUE(has(i % 2 == 0 ? two : one, i));
  }
}

TEST(TileCache, ProcessesSeeEachOthersEntries) {
  const SharedMemory memory(kMebibyte);
  const Mapping mapping(memory);
  TileCache cache = TileCache::create(mapping.span()).value();
  ASSERT_TRUE(store(cache, 1, 0, 5000));
  const pid_t child = fork();
  if (child == 0) {
    const Mapping own(memory);
    auto joined = TileCache::attach(own.span());
    const bool good = joined && has(*joined, 1) && store(*joined, 2, 0, 6000);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(has(cache, 2));
}

TEST(TileCache, WorksInTheSmallestBlockAndInNoSmallerOne) {
  for (const std::uint32_t shards : {1U, 5U}) {
    TileCacheLayout layout;
    layout.shards = shards;
    const std::size_t smallest = TileCache::smallest_block(layout);
    EXPECT_LT(smallest, shards * std::size_t{100'000});
    HeapBlock block(smallest);
    TileCache cache = TileCache::create(block.span(), layout).value();
    for (std::uint64_t i = 0; i < 500; ++i) {
      ASSERT_TRUE(store(cache, i, 0, 4000));
      ASSERT_TRUE(has(cache, i));
    }
    EXPECT_FALSE(TileCache::create(block.span().first(smallest - 64), layout));
  }
}

TEST(TileCache, RefusesLayoutsItCanNotKeep) {
  HeapBlock block(kMebibyte);
  const auto refused = [&block](auto change) {
    TileCacheLayout layout;
    change(layout);
    return !TileCache::create(block.span(), layout).has_value();
  };
  EXPECT_FALSE(refused([](TileCacheLayout&) {}));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.segment_bytes = 0; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.segment_bytes = 1000; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.segment_bytes = 1U << 31; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.mean_entry_bytes = 0; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.clients = 0; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.clients = 100'000; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.shards = 100'000; }));
  EXPECT_TRUE(refused([](TileCacheLayout& l) { l.shards = 200; }));  // too little for each
  EXPECT_FALSE(TileCache::create(block.span().subspan(8)));
  EXPECT_FALSE(TileCache::create({}));
}

TEST(TileCache, JoinsOnlyWhatItKnows) {
  HeapBlock block(kMebibyte);
  EXPECT_FALSE(TileCache::attach(block.span())) << "never formatted";
  EXPECT_FALSE(TileCache::attach({}));
  TileCache cache = TileCache::create(block.span()).value();
  ASSERT_TRUE(store(cache, 1, 0, 5000));
  EXPECT_TRUE(TileCache::attach(block.span()));
  EXPECT_FALSE(TileCache::attach(block.span().first(kMebibyte - 64))) << "another size";
  EXPECT_FALSE(TileCache::attach(block.span().subspan(64))) << "another start";
  EXPECT_FALSE(TileCache::attach(block.span().first(16)));

  // Any bit of the header, the version among them, makes it another's.
  for (std::size_t bit = 0; bit < sizeof(BlockHeader) * 8; ++bit) {
    std::byte& byte = block.span()[bit / 8];
    const std::byte mask{static_cast<std::uint8_t>(1U << bit % 8)};
    byte ^= mask;
    EXPECT_FALSE(TileCache::attach(block.span())) << "bit " << bit;
    byte ^= mask;
  }
  TileCache again = TileCache::attach(block.span()).value();
  EXPECT_TRUE(has(again, 1));
  // Formatting anew empties it.
  EXPECT_TRUE(TileCache::create(block.span()));
  EXPECT_FALSE(has(again, 1));
}

}  // namespace
}  // namespace iip

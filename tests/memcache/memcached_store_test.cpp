// The memcached tier over real memcached servers, well and in trouble.
#include "httpd/memcache/memcached_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "memcached_support.h"

namespace iip {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Much longer than any wait with an end, and much shorter than one without.
constexpr auto kSoon = 20s;

TEST(MemcachedStore, KeepsTilesForEveryMachine) {
  const RealMemcached server;
  Tier here({server.name()});
  Tier there({server.name()});
  EXPECT_EQ(find_tile(here, 1), Found::miss);
  store_tile(here, 1);
  ASSERT_TRUE(here.settle());
  EXPECT_EQ(find_tile(here, 1), Found::hit);
  EXPECT_EQ(find_tile(there, 1), Found::hit);
  EXPECT_EQ(find_tile(there, 2), Found::miss);

  EXPECT_EQ(here.counters().finds, 2U);
  EXPECT_EQ(here.counters().hits, 1U);
  EXPECT_EQ(here.counters().misses, 1U);
  EXPECT_EQ(here.counters().stored, 1U);
  EXPECT_TRUE(here.log.lines().empty());
}

TEST(MemcachedStore, TilesOfAllSizes) {
  const RealMemcached server;
  Tier tier({server.name()});
  const std::size_t largest = kLargestMemcachedValue - TileEnvelope::kHeaderSize;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16'300},
                                 std::size_t{16'384}, std::size_t{300'000}, largest}) {
    store_tile(tier, 1, size);
    ASSERT_TRUE(tier.settle());
    EXPECT_EQ(find_tile(tier, 1, size), Found::hit) << size;
  }
  EXPECT_EQ(tier.counters().stored, 6U);
}

TEST(MemcachedStore, WhatIsTooLargeIsNotSent) {
  const RealMemcached server;
  Tier tier({server.name()});
  const std::size_t largest = kLargestMemcachedValue - TileEnvelope::kHeaderSize;
  store_tile(tier, 1, largest + 1);
  store_tile(tier, 2, 5'000'000);
  EXPECT_EQ(tier.counters().too_large, 2U);
  EXPECT_EQ(tier.counters().stored, 0U);
  EXPECT_EQ(find_tile(tier, 1), Found::miss);
}

TEST(MemcachedStore, TilesExpire) {
  const RealMemcached server;
  Tier::Options options;
  options.expiry = 1;
  Tier tier({server.name()}, options);
  store_tile(tier, 1);
  ASSERT_TRUE(tier.settle());
  EXPECT_TRUE(wait_for([&tier] { return find_tile(tier, 1) == Found::miss; }));
}

TEST(MemcachedStore, SitesAreApart) {
  const RealMemcached server;
  Tier::Options other_site;
  other_site.site = "www.example.net";
  Tier tier({server.name()});
  Tier other({server.name()}, other_site);
  store_tile(tier, 1);
  ASSERT_TRUE(tier.settle());
  EXPECT_EQ(find_tile(other, 1), Found::miss);
  EXPECT_EQ(other.counters().misses, 1U) << "not even under the same key";
}

TEST(MemcachedStore, WhoDoesNotKnowTheSecretIsNotBelieved) {
  const RealMemcached server;
  Tier::Options other_secret;
  other_secret.secret = "another secret than the cluster's";
  Tier tier({server.name()});
  Tier forger({server.name()}, other_secret);
  store_tile(forger, 1);
  ASSERT_TRUE(forger.settle());
  EXPECT_EQ(find_tile(tier, 1), Found::miss);
  EXPECT_EQ(tier.counters().bad, 1U);
}

// An entry of another site, as its own machines sealed it, copied under our key.
TEST(MemcachedStore, EntriesUnderAWrongKeyAreNotServed) {
  FakeMemcached server;
  Tier::Options other_site;
  other_site.site = "www.example.net";
  Tier tier({server.name()});
  Tier other({server.name()}, other_site);
  std::mutex mutex;
  std::string sealed_by_other;
  server.behave([&](FakeClient& client, const FakeRequest& request) {
    const std::lock_guard lock(mutex);
    if (request.is_set) sealed_by_other = request.value;
    FakeRequest poisoned = request;
    poisoned.value = sealed_by_other;
    poisoned.is_kept = true;
    FakeMemcached::be_honest(client, poisoned);
  });
  store_tile(other, 1);
  ASSERT_TRUE(other.settle());
  EXPECT_EQ(find_tile(other, 1), Found::hit);
  EXPECT_EQ(find_tile(other, 2), Found::miss) << "its own entry, of another tile";
  EXPECT_EQ(find_tile(tier, 1), Found::miss);
  EXPECT_EQ(tier.counters().bad, 1U);
  EXPECT_EQ(other.counters().bad, 1U);
}

TEST(MemcachedStore, ASocketInTheFileSystem) {
  std::string folder = std::filesystem::temp_directory_path() / "iip-memcached-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  {
    const RealMemcached server({"-a", "0777"}, folder + "/socket");
    Tier tier({server.name()});
    store_tile(tier, 1);
    EXPECT_TRUE(tier.settle());
    EXPECT_EQ(find_tile(tier, 1), Found::hit);
  }
  std::filesystem::remove_all(folder);
}

TEST(MemcachedStore, ServersShareTheKeys) {
  const RealMemcached one;
  const RealMemcached two;
  Tier both({one.name(), two.name()});
  Tier reversed({two.name(), one.name()});
  Tier first({one.name()});
  Tier second({two.name()});
  store_tiles(both, 0, 100);
  EXPECT_EQ(hits(reversed, 0, 100), 100);
  const int in_first = hits(first, 0, 100);
  EXPECT_GT(in_first, 20);
  EXPECT_LT(in_first, 80);
  EXPECT_EQ(hits(second, 0, 100), 100 - in_first);
}

TEST(MemcachedStore, WhatWaitsIsBounded) {
  RealMemcached server;
  Tier::Options options;
  options.limits.patience = 1000ms;
  options.limits.queue_bytes = 200'000;
  Tier tier({server.name()}, options);
  server.stop();
  const auto start = Clock::now();
  for (int i = 0; i < 1000; ++i) store_tile(tier, i, 20'000);
  EXPECT_LT(Clock::now() - start, 1000ms * 10) << "store() waits";
  // About ten wait and one is on its way.
  EXPECT_GT(tier.counters().dropped, 980U);
  server.resume();
}

// With a server that stalls, and tiles that wait for it.
TEST(MemcachedStore, EndsInTime) {
  RealMemcached server;
  Tier::Options options;
  options.limits.patience = 200ms;
  auto tier = std::make_unique<Tier>(std::vector{server.name()}, options);
  server.stop();
  for (int i = 0; i < 50; ++i) store_tile(*tier, i, 100'000);
  const auto start = Clock::now();
  tier.reset();
  EXPECT_LT(Clock::now() - start, kSoon);
}

TEST(MemcachedStore, NoServerAtAll) {
  Tier tier({});
  store_tile(tier, 1);
  EXPECT_EQ(find_tile(tier, 1), Found::miss);
  EXPECT_EQ(tier.counters().unasked, 1U);
  EXPECT_EQ(tier.counters().dropped, 1U);
}

}  // namespace
}  // namespace iip

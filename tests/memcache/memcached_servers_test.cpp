// The memcached tier while its servers are killed, stopped, full and emptied.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "httpd/memcache/memcached_store.h"
#include "memcached_support.h"

namespace iip {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Much longer than any wait with an end, and much shorter than one without.
constexpr auto kSoon = 20s;

// Requests every now and then until all servers are in use again. Only a request for a tile of its
// own brings one back, and whose a tile is depends on the servers' ports, which are others each
// time: so it takes so many that some are each one's.
bool recovers(Tier& tier) {
  return wait_for([&tier] {
    for (int i = 0; i < 50; ++i) find_tile(tier, i);
    for (const auto& server : tier.store->servers()) {
      if (server->state() != Breaker::State::closed) return false;
    }
    return true;
  });
}

TEST(MemcachedServers, OneKilled) {
  RealMemcached one;
  const RealMemcached two;
  Tier tier({one.name(), two.name()});
  store_tiles(tier, 0, 50);
  one.kill();
  const auto start = Clock::now();
  hits(tier, 0, 50);
  EXPECT_LT(Clock::now() - start, kSoon);
  // Out of use: its keys are the other's now.
  EXPECT_TRUE(wait_for([&tier] {
    find_tile(tier, 1);
    return tier.store->servers()[0]->state() == Breaker::State::open;
  }));
  store_tiles(tier, 0, 50);
  EXPECT_EQ(hits(tier, 0, 50), 50);
  EXPECT_EQ(tier.log.lines().size(), 1U);

  one.start();
  EXPECT_TRUE(recovers(tier));
  store_tiles(tier, 0, 50);
  EXPECT_EQ(hits(tier, 0, 50), 50);
  const auto lines = tier.log.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0],
            "memcached " + one.name() +
                " is not there, or does not speak memcached: it is left out until it does");
  EXPECT_EQ(lines[1], "memcached " + one.name() + " is in use again");
}

TEST(MemcachedServers, OneStopped) {
  RealMemcached one;
  const RealMemcached two;
  Tier::Options options;
  options.deadline = 100ms;
  options.limits.patience = 200ms;
  Tier tier({one.name(), two.name()}, options);
  store_tiles(tier, 0, 50);
  ASSERT_EQ(hits(tier, 0, 50), 50);

  one.stop();
  const auto start = Clock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_NE(find_tile(tier, i % 50), Found::wrong);
  // Each waiting for its deadline, that would be 50 seconds; each for ever, for ever.
  EXPECT_LT(Clock::now() - start, kSoon);
  EXPECT_EQ(tier.store->servers()[0]->state(), Breaker::State::open);
  EXPECT_EQ(tier.store->servers()[1]->state(), Breaker::State::closed);
  EXPECT_LT(tier.counters().timeouts, 20U);
  EXPECT_GT(tier.counters().hits, 300U) << "the other one's half is served as before";
  store_tiles(tier, 0, 50);
  EXPECT_EQ(hits(tier, 0, 50), 50);

  one.resume();
  EXPECT_TRUE(recovers(tier));
  const auto lines = tier.log.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0],
            "memcached " + one.name() + " does not answer in time: it is left out until it does");
  EXPECT_EQ(lines[1], "memcached " + one.name() + " is in use again");
}

TEST(MemcachedServers, AllStopped) {
  RealMemcached one;
  RealMemcached two;
  Tier::Options options;
  options.deadline = 100ms;
  options.limits.patience = 200ms;
  Tier tier({one.name(), two.name()}, options);
  one.stop();
  two.stop();
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&tier, t] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(find_tile(tier, 1000 * t + i), Found::miss);
        store_tile(tier, 1000 * t + i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(Clock::now() - start, kSoon);
  EXPECT_GT(tier.counters().unasked, 1000U);
  EXPECT_EQ(tier.log.lines().size(), 2U);
}

// Its connections are all gone; that is no trouble, and no tile but its own is lost.
TEST(MemcachedServers, OneRestarted) {
  RealMemcached server;
  Tier tier({server.name()});
  store_tiles(tier, 0, 10);
  server.kill();
  server.start();
  EXPECT_EQ(hits(tier, 0, 10), 0);
  EXPECT_EQ(tier.counters().broken, 0U);
  EXPECT_EQ(tier.counters().timeouts, 0U);
  store_tiles(tier, 0, 10);
  EXPECT_EQ(hits(tier, 0, 10), 10);
  EXPECT_TRUE(tier.log.lines().empty());
}

TEST(MemcachedServers, OneThatEvicts) {
  const RealMemcached server({"-m", "2"});
  Tier tier({server.name()});
  for (int i = 0; i < 400; ++i) {
    store_tile(tier, i, 20'000);
    if (i % 50 == 0) {
      EXPECT_TRUE(tier.settle());
    }
  }
  ASSERT_TRUE(tier.settle());
  EXPECT_LT(hits(tier, 0, 400), 400) << "it has room for all, so nothing is tested";
  EXPECT_EQ(find_tile(tier, 399), Found::hit);
  EXPECT_TRUE(tier.log.lines().empty());
}

// -M: an error where there is no more room.
TEST(MemcachedServers, OneThatIsFull) {
  const RealMemcached server({"-m", "2", "-M"});
  Tier tier({server.name()});
  for (int i = 0; i < 400; ++i) {
    store_tile(tier, i, 20'000);
    if (i % 50 == 0) {
      EXPECT_TRUE(tier.settle());
    }
  }
  ASSERT_TRUE(tier.settle());
  EXPECT_GT(tier.counters().refused, 0U);
  EXPECT_EQ(tier.counters().refused + tier.counters().stored, 400U);
  EXPECT_EQ(hits(tier, 0, 400), static_cast<int>(tier.counters().stored));
  EXPECT_EQ(tier.store->servers()[0]->state(), Breaker::State::closed) << "it can still be asked";
  EXPECT_TRUE(tier.log.lines().empty());
}

// A server whose own limit is below ours.
TEST(MemcachedServers, OneThatTakesSmallItemsOnly) {
  const RealMemcached server({"-I", "512k"});
  Tier tier({server.name()});
  store_tile(tier, 1, 900'000);
  store_tile(tier, 2, 20'000);
  ASSERT_TRUE(tier.settle());
  EXPECT_EQ(tier.counters().refused, 1U);
  EXPECT_EQ(find_tile(tier, 1), Found::miss);
  EXPECT_EQ(find_tile(tier, 2), Found::hit);
}

TEST(MemcachedServers, OneThatIsEmptiedAllTheTime) {
  const RealMemcached server;
  Tier tier({server.name()});
  for (int round = 0; round < 20; ++round) {
    store_tiles(tier, 0, 10);
    EXPECT_EQ(server.ask("flush_all\r\n"), "OK\r\n");
    hits(tier, 0, 10);
  }
  EXPECT_TRUE(tier.log.lines().empty());
}

TEST(MemcachedServers, ManyThreadsWhileServersComeAndGo) {
  RealMemcached one;
  RealMemcached two;
  Tier::Options options;
  options.deadline = 100ms;
  options.limits = {50ms, 100ms};
  Tier tier({one.name(), two.name()}, options);
  std::atomic<bool> done = false;
  std::atomic<int> hit = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; !done; i = (i + 7) % 100) {
        const Found found = find_tile(tier, i);
        EXPECT_NE(found, Found::wrong);
        hit += found == Found::hit;
        if (found == Found::miss) store_tile(tier, i);
      }
    });
  }
  for (int round = 0; round < 4; ++round) {
    std::this_thread::sleep_for(100ms);
    one.kill();
    two.stop();
    std::this_thread::sleep_for(100ms);
    one.start();
    two.resume();
  }
  // And it is all well again afterwards.
  hit = 0;
  EXPECT_TRUE(wait_for([&hit] { return hit > 100; }));
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(tier.settle());
  const MemcachedCounters& c = tier.counters();
  EXPECT_EQ(c.finds, c.hits + c.misses + c.bad + c.timeouts + c.broken + c.unasked);
  EXPECT_EQ(c.bad, 0U);
}

}  // namespace
}  // namespace iip

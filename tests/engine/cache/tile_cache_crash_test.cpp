// Processes that die in the middle of things, while others go on with the same block.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <new>
#include <random>

#include "engine/cache/tile_cache_probe.h"
#include "support/processes.h"
#include "tile_cache_support.h"

// A thread sanitiser's own locks do not outlive a process that is killed at any instruction.
#if defined(__SANITIZE_THREAD__)
#define IIP_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IIP_THREAD_SANITIZER 1
#endif
#endif

namespace iip {
namespace {

using std::chrono::steady_clock;
using test::ended_by;
using test::in_child;
using test::key_of;
using test::store;

constexpr CacheClient kClient{0};
constexpr std::uint64_t kTiles = 200;
constexpr std::size_t kTileSize = 5000;

TileCacheLayout layout_of(std::uint32_t shards) {
  TileCacheLayout layout;
  layout.shards = shards;
  layout.clients = 4;
  return layout;
}

// Sends its own process a signal when a moment comes for the n-th time.
class SignalAt final : public TileCacheProbe {
 public:
  SignalAt(TileCacheMoment moment, int count, int signal)
      : moment_(moment), count_(count), signal_(signal) {}
  void reached(TileCacheMoment moment) override {
    if (moment == moment_ && --count_ == 0) raise(signal_);
  }

 private:
  TileCacheMoment moment_;
  int count_;
  int signal_;
};

void fill(TileCache& cache) {
  for (std::uint64_t i = 0; i < kTiles; ++i) store(cache, i, 0, kTileSize);
}

// Everything that is found is right, and every shard takes new tiles and gives them back.
void expect_sound(TileCache& cache) {
  const auto start = steady_clock::now();
  for (std::uint64_t i = 0; i < 2 * kTiles; ++i) {
    const auto found = cache.find(key_of(i), kClient);
    ASSERT_TRUE(!found || test::is_tile_of(i, *found)) << "tile " << i;
  }
  for (std::uint64_t i = 0; i < kTiles; ++i) {
    ASSERT_TRUE(store(cache, i, 77, kTileSize)) << "tile " << i;
    const auto found = cache.find(key_of(i), kClient);
    ASSERT_TRUE(found) << "tile " << i;
    ASSERT_TRUE(test::is_tile_of(i, *found)) << "tile " << i;
  }
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(20)) << "a lock is stuck";
  EXPECT_EQ(cache.counters().damages, 0U);
}

class CrashingProcesses : public testing::Test {
 protected:
  CrashingProcesses()
      : memory_(std::size_t{600'000}),
        mapping_(memory_),
        cache_(TileCache::create(mapping_.span(), layout_of(2)).value()) {}

  // All that a process does to a cache, evictions included.
  void everything() {
    fill(cache_);
    for (std::uint64_t i = 0; i < kTiles; ++i) {
      cache_.find(key_of(i), kClient);
      if (i % 4 == 0) store(cache_, i, 1, kTileSize);
      if (i % 9 == 0) cache_.remove(key_of(i));
    }
    cache_.clear();
  }

  test::SharedMemory memory_;
  test::Mapping mapping_;
  TileCache cache_;
};

class CrashAt : public CrashingProcesses,
                public testing::WithParamInterface<std::pair<TileCacheMoment, bool>> {};

TEST_P(CrashAt, CostsAtMostTheShard) {
  const auto [moment, holds_lock] = GetParam();
  int killed = 0;
  for (const int count : {1, 2, 60, 150}) {
    fill(cache_);
    const std::uint64_t deaths = cache_.counters().dead_owners;
    SignalAt probe(moment, count, SIGKILL);
    const int signal = ended_by(in_child([&] {
      cache_.watch(&probe);
      everything();
    }));
    if (signal == 0) continue;  // the moment does not come so often
    ASSERT_EQ(signal, SIGKILL);
    ++killed;
    ASSERT_NO_FATAL_FAILURE(expect_sound(cache_)) << "at time " << count;
    EXPECT_EQ(cache_.counters().dead_owners, deaths + (holds_lock ? 1 : 0));
  }
  EXPECT_GE(killed, 2);
}

INSTANTIATE_TEST_SUITE_P(Moments, CrashAt,
                         testing::Values(std::pair{TileCacheMoment::locked, true},
                                         std::pair{TileCacheMoment::unlinked, true},
                                         std::pair{TileCacheMoment::segments_freed, true},
                                         std::pair{TileCacheMoment::segments_taken, true},
                                         std::pair{TileCacheMoment::indexed, true},
                                         std::pair{TileCacheMoment::resetting, true},
                                         std::pair{TileCacheMoment::unlocking, true},
                                         std::pair{TileCacheMoment::copying_in, false},
                                         std::pair{TileCacheMoment::copied_in, false},
                                         std::pair{TileCacheMoment::copying_out, false},
                                         std::pair{TileCacheMoment::copied_out, false}),
                         [](const auto& test) {
                           return "Moment" + std::to_string(static_cast<int>(test.param.first));
                         });

TEST_F(CrashingProcesses, DyingWhileRepairing) {
  fill(cache_);
  SignalAt inside(TileCacheMoment::unlinked, 1, SIGKILL);
  ASSERT_EQ(SIGKILL, ended_by(in_child([&] {
              cache_.watch(&inside);
              everything();
            })));
  // Whoever comes next has the shard to empty, and dies half-way.
  for (int i = 0; i < 3; ++i) {
    SignalAt repairing(TileCacheMoment::resetting, 1, SIGKILL);
    ASSERT_EQ(SIGKILL, ended_by(in_child([&] {
                cache_.watch(&repairing);
                everything();
              })));
  }
  expect_sound(cache_);
}

TEST_F(CrashingProcesses, ReservedSpaceComesBack) {
  fill(cache_);
  const std::uint64_t capacity = cache_.counters().capacity;
  for (std::uint64_t i = 0; i < 2 * capacity / kTileSize; ++i) {
    SignalAt probe(TileCacheMoment::copying_in, 1, SIGKILL);
    ASSERT_EQ(SIGKILL, ended_by(in_child([&] {
                cache_.watch(&probe);
                store(cache_, 10'000 + i, 0, kTileSize);
              })));
  }
  EXPECT_LT(cache_.counters().total.entries, 40U) << "the dead hold too little to matter";
  expect_sound(cache_);
  for (std::uint64_t i = 0; i < 2 * kTiles; ++i) ASSERT_TRUE(store(cache_, i, 5, kTileSize));
  const TileCacheUse use = cache_.counters().total;
  EXPECT_EQ(use.occupied, use.entries * 5 * 1024) << "something is held by nobody";
  EXPECT_GT(use.occupied, capacity - 4 * kTileSize);
}

// Its space is taken meanwhile: it must notice, and must not be believed.
TEST_F(CrashingProcesses, AStoreThatIsOvertakenByEviction) {
  SignalAt probe(TileCacheMoment::copying_in, 1, SIGSTOP);
  const pid_t child = in_child([&] {
    cache_.watch(&probe);
    _exit(store(cache_, 9999, 0, kTileSize) ? 1 : 0);
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  fill(cache_);
  kill(child, SIGCONT);
  EXPECT_EQ(ended_by(child), 0) << "it believes that its tile was stored";
  EXPECT_FALSE(cache_.find(key_of(9999), kClient));
  expect_sound(cache_);
}

TEST_F(CrashingProcesses, AReaderThatIsOvertakenByEviction) {
  ASSERT_TRUE(store(cache_, 9999, 0, kTileSize));
  SignalAt probe(TileCacheMoment::copying_out, 1, SIGSTOP);
  const pid_t child = in_child([&] {
    cache_.watch(&probe);
    _exit(cache_.find(key_of(9999), kClient) ? 1 : 0);
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  fill(cache_);
  fill(cache_);
  kill(child, SIGCONT);
  EXPECT_EQ(ended_by(child), 0) << "it was given bytes of other tiles";
  EXPECT_EQ(cache_.counters().total.bad_checksums, 0U) << "it was the generation that told";
}

TEST_F(CrashingProcesses, AStoppedHolderIsAMissAndNotAHang) {
  ASSERT_TRUE(store(cache_, 1, 0, kTileSize));
  SignalAt probe(TileCacheMoment::locked, 1, SIGSTOP);
  const pid_t child = in_child([&] {
    cache_.watch(&probe);
    cache_.find(key_of(1), kClient);
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  const auto start = steady_clock::now();
  EXPECT_FALSE(cache_.find(key_of(1), kClient));
  EXPECT_FALSE(store(cache_, 1, 1, kTileSize));
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_GE(cache_.counters().refusals, 2U);
  kill(child, SIGCONT);
  EXPECT_EQ(ended_by(child), 0);
  EXPECT_TRUE(cache_.find(key_of(1), kClient)) << "nobody died: nothing is lost";
  EXPECT_EQ(cache_.counters().dead_owners, 0U);
}

#if !defined(IIP_THREAD_SANITIZER)

// Works on tiles at random until it is ended; ends by itself, badly, on a wrong byte.
void work_for_ever(TileCache& cache, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (;;) {
    const std::uint64_t number = random() % kTiles;
    const auto found = cache.find(key_of(number), kClient);
    if (found && !test::is_tile_of(number, *found)) _exit(3);
    if (!found || random() % 4 == 0) store(cache, number, random() % 3, 100 + random() % 20'000);
    if (random() % 50 == 0) cache.remove(key_of(random() % kTiles));
  }
}

TEST_F(CrashingProcesses, KilledAtRandomWhileOthersGoOn) {
  std::mt19937_64 random(42);
  std::vector<pid_t> workers(4);
  const auto start_worker = [&] {
    const std::uint64_t seed = random();
    return in_child([&, seed] { work_for_ever(cache_, seed); });
  };
  for (pid_t& worker : workers) worker = start_worker();
  for (int kills = 0; kills < 200; ++kills) {
    usleep(static_cast<useconds_t>(random() % 5000));
    pid_t& worker = workers[random() % workers.size()];
    ASSERT_EQ(kill(worker, SIGKILL), 0);
    ASSERT_EQ(ended_by(worker), SIGKILL) << "a worker has seen a wrong byte";
    worker = start_worker();
  }
  for (const pid_t worker : workers) {
    kill(worker, SIGKILL);
    EXPECT_EQ(ended_by(worker), SIGKILL) << "a worker has seen a wrong byte";
  }
  expect_sound(cache_);
}

// Says, in memory that the process which steps it sees too, whether a lock is held for certain.
class LockFlag final : public TileCacheProbe {
 public:
  explicit LockFlag(std::atomic<bool>& held) : held_(held) {}
  void reached(TileCacheMoment moment) override {
    if (moment == TileCacheMoment::locked) held_ = true;
    if (moment == TileCacheMoment::unlocking) held_ = false;
  }

 private:
  std::atomic<bool>& held_;
};

// A child that stores, evicting, finds and removes a tile is led through by single steps, and
// killed after some of them.
class CrashingProcess : public testing::Test {
 protected:
  static constexpr std::uint64_t kStored = 20;  // more than fit, so that every store evicts
  static constexpr long kNever = 10'000'000;

  struct Steps {
    long all = 0;
    long locked = 0;  // those after which a lock is held
    bool killed = false;
  };

  CrashingProcess()
      : memory_(TileCache::smallest_block(layout_of(1))),
        mapping_(memory_),
        cache_(TileCache::create(mapping_.span(), layout_of(1)).value()),
        flag_memory_(sizeof(std::atomic<bool>)),
        flag_mapping_(flag_memory_),
        lock_held_(*new (flag_mapping_.span().data()) std::atomic<bool>(false)) {}

  // Kills the child once it has made so many steps, or so many with a lock held.
  Steps step(long most, long most_locked) {
    ++version_;
    const ByteVector tile = test::tile_of(1000 + version_, 0, 3000);
    const Digest key = key_of(1000 + version_);
    lock_held_ = false;
    const pid_t child = in_child([&] {
      LockFlag probe(lock_held_);
      cache_.watch(&probe);
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      raise(SIGSTOP);
      cache_.store(key, tile, kClient);
      cache_.find(key, kClient);
      cache_.remove(key);
    });
    Steps steps;
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP) return steps;
    while (steps.all < most && steps.locked < most_locked) {
      if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
      waitpid(child, &status, 0);
      if (!WIFSTOPPED(status)) return steps;
      ++steps.all;
      if (lock_held_) ++steps.locked;
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    steps.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    return steps;
  }

  void fill_up() {
    for (std::uint64_t tile = 0; tile < kStored; ++tile) {
      ASSERT_TRUE(store(cache_, tile, version_, 3000)) << "tile " << tile;
      ASSERT_TRUE(cache_.find(key_of(tile), kClient)) << "tile " << tile;
    }
  }

  // What is still found is right, and all can be stored again.
  void expect_sound_and_full() {
    for (std::uint64_t tile = 0; tile < kStored; ++tile) {
      const auto found = cache_.find(key_of(tile), kClient);
      ASSERT_TRUE(!found || test::is_tile_of(tile, *found)) << "tile " << tile;
    }
    fill_up();
    EXPECT_EQ(cache_.counters().damages, 0U);
  }

  test::SharedMemory memory_;
  test::Mapping mapping_;
  TileCache cache_;
  test::SharedMemory flag_memory_;
  test::Mapping flag_mapping_;
  std::atomic<bool>& lock_held_;
  std::uint64_t version_ = 0;
};

TEST_F(CrashingProcess, AtAnyInstruction) {
  fill_up();
  const Steps whole = step(kNever, kNever);
  if (whole.all == 0) GTEST_SKIP() << "this system lets no process trace another";
  ASSERT_FALSE(whole.killed) << "it did not come to its end";
  ASSERT_GT(whole.all, 1000);
  ASSERT_GT(whole.locked, 100);
  ASSERT_NO_FATAL_FAILURE(expect_sound_and_full());

  // Evenly over everything that it does.
  constexpr int kKills = 60;
  for (int i = 0; i < kKills; ++i) {
    ASSERT_TRUE(step(whole.all * i / kKills, kNever).killed);
    ASSERT_NO_FATAL_FAILURE(expect_sound_and_full()) << "after " << i << "/" << kKills;
  }

  // Evenly over its locked sections, which under a sanitizer are a small part of all.
  constexpr int kLockedKills = 20;
  for (int i = 0; i < kLockedKills; ++i) {
    const std::uint64_t deaths = cache_.counters().dead_owners;
    ASSERT_TRUE(step(kNever, 1 + whole.locked * i / kLockedKills).killed);
    ASSERT_NO_FATAL_FAILURE(expect_sound_and_full())
        << "after " << i << "/" << kLockedKills << " of the locked sections";
    EXPECT_EQ(cache_.counters().dead_owners, deaths + 1) << i << "/" << kLockedKills;
  }
  EXPECT_GT(cache_.counters().dead_owners, 5U);
}

#endif

}  // namespace
}  // namespace iip

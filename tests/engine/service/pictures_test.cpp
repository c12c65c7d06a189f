#include "engine/service/pictures.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/service/private_host.h"
#include "support/processes.h"
#include "support/waiting_client.h"

namespace iip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ended_by;
using test::in_child;

PrivateHost host(std::uint64_t cache_bytes = 4U << 20U) {
  return std::move(PrivateHost::create({cache_bytes, 2, 0}).value());
}

Bytes picture_of(std::uint8_t value) { return Bytes(ByteVector(1000, value)); }

RenderRequest wish_of(std::uint64_t number) {
  RenderRequest request;
  request.key = {number, number};
  request.cost = {Lane::tiles, 1000, CacheClient{0}};
  request.patience = seconds(30);
  return request;
}

class Store : public RemoteStore {
 public:
  std::optional<Bytes> find(const Digest& key) override {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key.low);
    if (found == kept_.end()) return std::nullopt;
    return found->second;
  }
  void store(const Digest& key, const Bytes& tile) override {
    const std::lock_guard lock(mutex_);
    kept_[key.low] = tile;
  }
  std::size_t size() const { return kept_.size(); }

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, Bytes> kept_;
};

class PicturesTest : public testing::Test {
 protected:
  std::uint64_t count(Work work) { return host_.state().work(CacheClient{0}).get(work); }
  Result<Picture> get(const RenderRequest& request, std::uint8_t value) {
    return pictures_.find_or_make(request, [&]() -> Result<Bytes> {
      ++made_;
      return picture_of(value);
    });
  }

  PrivateHost host_ = host();
  Pictures pictures_{host_.state(), {}};
  std::atomic<int> made_{0};
};

TEST_F(PicturesTest, MadeOnceThenFromTheCache) {
  const auto first = get(wish_of(1), 7);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->origin, PictureOrigin::made);
  const auto second = get(wish_of(1), 8);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->origin, PictureOrigin::cache);
  EXPECT_EQ(second->bytes.span()[0], 7);
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(count(Work::cache_hits), 1U);
  EXPECT_EQ(count(Work::cache_misses), 1U);
  EXPECT_EQ(count(Work::tiles_made), 1U);
}

// Another host has had a picture, then three are wanted and there is one slot: when the second is
// made, one more waits, which is more than the host's share; the third is alone then. The thread
// that asked keeps its priority, whatever came of it.
TEST_F(PicturesTest, WhatGivesWayIsMadeInTheBackground) {
  const auto priority = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); };
  const int own = priority();
  ASSERT_LE(own, 9) << "the test itself must have room below it";
  Pictures one_place(host_.state(), {1, 1U << 20U, 100, /*spare=*/true, std::chrono::hours(1)});
  RenderRequest of_another = wish_of(4);
  of_another.cost.client = CacheClient{1};
  ASSERT_TRUE(one_place.find_or_make(of_another, [] { return Result<Bytes>(picture_of(7)); }));
  std::mutex mutex;
  std::atomic<int> turns{0};
  std::vector<int> made_at;
  std::vector<int> after;
  const auto ask = [&](std::uint64_t number) {
    const auto picture = one_place.find_or_make(wish_of(number), [&]() -> Result<Bytes> {
      const int guard = turns++;
      while (guard == 0 && one_place.admission().waiting < 2) std::this_thread::yield();
      const std::lock_guard lock(mutex);
      made_at.push_back(priority());
      if (guard == 1) return fail(ErrorKind::corrupt, "damaged");
      return picture_of(7);
    });
    const std::lock_guard lock(mutex);
    after.push_back(priority());
    return picture ? ErrorKind::internal : picture.error().kind;
  };
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> askers;
    for (std::uint64_t i = 1; i <= 3; ++i) {
      askers.emplace_back([&, i] { failures += ask(i) == ErrorKind::corrupt ? 1 : 0; });
    }
  }
  EXPECT_EQ(made_at, (std::vector{own, own + BackgroundThreads::kNice, own}));
  EXPECT_EQ(after, (std::vector{own, own, own}));
  EXPECT_EQ(failures, 1);
}

TEST_F(PicturesTest, WhatIsNotToBeKeptIsNot) {
  Store store;
  RenderRequest request = wish_of(1);
  request.keep = false;
  request.remote = &store;
  ASSERT_TRUE(get(request, 7));
  ASSERT_TRUE(get(request, 8));
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(store.size(), 0U);
}

TEST_F(PicturesTest, AnErrorIsNotKept) {
  const auto failed = pictures_.find_or_make(
      wish_of(1), []() -> Result<Bytes> { return fail(ErrorKind::corrupt, "damaged"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::corrupt);
  const auto good = get(wish_of(1), 7);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->origin, PictureOrigin::made);
}

TEST_F(PicturesTest, AnotherMachineMadeIt) {
  Store store;
  RenderRequest request = wish_of(1);
  request.remote = &store;
  ASSERT_TRUE(get(request, 7));
  EXPECT_EQ(store.size(), 1U);

  PrivateHost other = host();
  Pictures elsewhere(other.state(), {});
  const auto never = []() -> Result<Bytes> { return fail(ErrorKind::internal, "made again"); };
  const auto found = elsewhere.find_or_make(request, never);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->origin, PictureOrigin::remote);
  EXPECT_EQ(found->bytes.span()[0], 7);
  const auto again = elsewhere.find_or_make(request, never);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->origin, PictureOrigin::cache) << "kept here from now on";
}

TEST_F(PicturesTest, ManyThreadsOneRender) {
  constexpr int kThreads = 32;
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        const auto picture = pictures_.find_or_make(wish_of(1), [&]() -> Result<Bytes> {
          ++made_;
          std::this_thread::sleep_for(milliseconds(100));
          return picture_of(7);
        });
        ASSERT_TRUE(picture);
        EXPECT_EQ(picture->bytes.span()[999], 7);
      });
    }
  }
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(count(Work::tiles_made), 1U);
}

TEST_F(PicturesTest, ManyProcessesOneRender) {
  std::vector<pid_t> children;
  for (int i = 0; i < 12; ++i) {
    children.push_back(in_child([&] {
      HostState mine = host_.state();
      Pictures pictures(mine, {});
      const auto picture = pictures.find_or_make(wish_of(1), []() -> Result<Bytes> {
        std::this_thread::sleep_for(milliseconds(100));
        return picture_of(7);
      });
      if (!picture || picture->bytes.span()[0] != 7) _exit(1);
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ended_by(child), 0);
  EXPECT_EQ(count(Work::tiles_made), 1U);
}

TEST_F(PicturesTest, TheProcessThatMakesItDies) {
  const pid_t child = in_child([&] {
    Pictures pictures(host_.state(), {});
    (void)pictures.find_or_make(wish_of(1), [&]() -> Result<Bytes> {
      host_.state().work(CacheClient{1}).add(Work::requests);  // tells that it is under way
      for (;;) pause();
    });
  });
  while (host_.state().work(CacheClient{1}).get(Work::requests) == 0) std::this_thread::yield();
  test::WaitingClient killer([&] { kill(child, SIGKILL); });
  RenderRequest request = wish_of(1);
  request.client = &killer;
  const auto picture = get(request, 7);
  ASSERT_TRUE(picture);
  EXPECT_EQ(ended_by(child), SIGKILL);
  EXPECT_EQ(get(wish_of(1), 8)->bytes.span()[0], 7);
  EXPECT_EQ(count(Work::flight_waits), 1U);
  EXPECT_EQ(count(Work::takeovers), 1U);
}

TEST(PicturesWithoutTileCache, ThreadsStillShare) {
  PrivateHost alone = host(0);
  Pictures pictures(alone.state(), {});
  std::atomic<int> made{0};
  constexpr int kThreads = 8;
  std::latch all_asked(kThreads);  // the waiters while they wait, the maker before it begins
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        test::WaitingClient client([&] { all_asked.count_down(); });
        RenderRequest request = wish_of(1);
        request.client = &client;
        const auto picture = pictures.find_or_make(request, [&]() -> Result<Bytes> {
          ++made;
          all_asked.wait();
          return picture_of(7);
        });
        EXPECT_TRUE(picture);
      });
    }
  }
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace iip

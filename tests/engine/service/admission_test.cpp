// Slots that are taken, waited for and given back, by threads and processes.
#include "admission_fixture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/cache/shared_block.h"
#include "support/processes.h"

namespace iip::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Leaver : ClientWatch {
  bool gone() override { return true; }
};

TEST_F(AdmissionTest, AsManyAsThereArePlaces) {
  const Admission two = admission(2, 0);
  const auto first = two.enter(kTile, seconds(1), nullptr);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->waited());
  {
    const auto second = two.enter(kTile, seconds(1), nullptr);
    ASSERT_TRUE(second);
    EXPECT_EQ(two.state().tiles_inside, 2U);
    const auto third = two.enter(kTile, seconds(1), nullptr);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, ErrorKind::busy);
  }
  EXPECT_TRUE(two.enter(kTile, seconds(1), nullptr)) << "a slot came free";
  EXPECT_EQ(two.state().tiles_inside, 1U);
  EXPECT_EQ(two.state().memory, 10U);
}

TEST_F(AdmissionTest, RegionsLeavePlacesForTiles) {
  const Admission four = admission(4, 0);
  const auto first = four.enter(kRegion, seconds(1), nullptr);
  const auto second = four.enter(kRegion, seconds(1), nullptr);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(four.enter(kRegion, seconds(1), nullptr)) << "half of the slots";
  const auto third = four.enter(kTile, seconds(1), nullptr);
  const auto fourth = four.enter(kTile, seconds(1), nullptr);
  EXPECT_TRUE(third && fourth);
}

TEST_F(AdmissionTest, OneRegionIsAlwaysPossible) {
  EXPECT_TRUE(admission(1).enter(kRegion, seconds(1), nullptr));
}

TEST_F(AdmissionTest, MemoryIsShared) {
  const Admission four = admission(4, 0, 100);
  const auto refused = four.enter({Lane::tiles, 101, kFirst}, seconds(1), nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  const auto first = four.enter({Lane::tiles, 60, kFirst}, seconds(1), nullptr);
  ASSERT_TRUE(first);
  const auto second = four.enter({Lane::tiles, 60, kFirst}, seconds(1), nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_TRUE(four.enter({Lane::tiles, 40, kFirst}, seconds(1), nullptr));
}

TEST_F(AdmissionTest, WaitsForAPlace) {
  const Admission one = admission(1);
  auto first = std::make_unique<Result<Admission::Slot>>(one.enter(kTile, seconds(1), nullptr));
  std::jthread leaving([&] {
    while (one.state().waiting == 0) std::this_thread::sleep_for(milliseconds(1));
    first.reset();
  });
  const auto second = one.enter(kTile, seconds(60), nullptr);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->waited());
}

TEST_F(AdmissionTest, PatienceEnds) {
  const Admission one = admission(1);
  const auto first = one.enter(kTile, seconds(1), nullptr);
  const auto second = one.enter(kTile, milliseconds(150), nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_EQ(one.state().waiting, 0U);
}

TEST_F(AdmissionTest, AClientWhoLeavesGivesUpWaiting) {
  const Admission one = admission(1);
  const auto first = one.enter(kTile, seconds(1), nullptr);
  Leaver client;
  const auto second = one.enter(kTile, seconds(600), &client);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::client_gone);
  EXPECT_EQ(one.state().waiting, 0U);
}

// Ten requests of one host wait when one of another comes: it is the next.
TEST_F(AdmissionTest, AHostThatFloodsWaitsForItself) {
  const Admission two = admission(2);
  auto first = std::make_unique<Result<Admission::Slot>>(two.enter(kTile, seconds(1), nullptr));
  const auto second = two.enter(kTile, seconds(1), nullptr);
  std::mutex mutex;
  std::vector<CacheClient> order;
  const auto enter = [&](CacheClient client) {
    const auto slot = two.enter({Lane::tiles, 1, client}, seconds(60), nullptr);
    ASSERT_TRUE(slot);
    const std::lock_guard lock(mutex);
    order.push_back(client);
  };
  const auto wait_for = [&](std::uint32_t waiting) {
    while (two.state().waiting < waiting) std::this_thread::sleep_for(milliseconds(1));
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) threads.emplace_back(enter, kFirst);
    wait_for(10);
    threads.emplace_back(enter, kSecond);
    wait_for(11);
    first.reset();
  }
  ASSERT_EQ(order.size(), 11U);
  EXPECT_EQ(order.front(), kSecond);
}

TEST_F(AdmissionTest, NeverMoreInsideThanPlacesAcrossProcesses) {
  auto counters = SharedBlock::create(4096).value();
  auto* inside = new (counters.span().data()) std::atomic<int>(0);
  constexpr int kSlots = 3;
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(in_child([&, i] {
      const Admission mine = admission(kSlots);
      for (int round = 0; round < 200; ++round) {
        const RenderCost cost{round % 3 == 0 ? Lane::regions : Lane::tiles, 5,
                              static_cast<CacheClient>(i % 2)};
        const auto slot = mine.enter(cost, seconds(60), nullptr);
        if (!slot || inside->fetch_add(1) >= kSlots) _exit(1);
        std::this_thread::yield();
        inside->fetch_sub(1);
      }
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ended_by(child), 0);
  const AdmissionState state = admission(kSlots).state();
  EXPECT_EQ(state.tiles_inside + state.regions_inside + state.waiting, 0U);
}

TEST_F(AdmissionTest, ThePlacesOfTheDeadComeBack) {
  const Admission two = admission(2);
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    children.push_back(in_child([&] {
      const auto slot = admission(2).enter(kTile, seconds(1), nullptr);
      pause();
    }));
  }
  while (two.state().tiles_inside < 2) std::this_thread::sleep_for(milliseconds(1));
  for (const pid_t child : children) {
    kill(child, SIGKILL);
    EXPECT_EQ(ended_by(child), SIGKILL);
  }
  const AdmissionState state = two.state();
  EXPECT_EQ(state.tiles_inside, 0U) << "whoever looks sees the living only";
  EXPECT_EQ(state.memory, 0U);
  EXPECT_TRUE(two.enter(kTile, seconds(60), nullptr));
}

TEST_F(AdmissionTest, TheDeadDoNotWait) {
  const Admission one = admission(1, /*waiting=*/1);
  auto slot = one.enter(kTile, seconds(1), nullptr);
  ASSERT_TRUE(slot);
  const pid_t child = in_child([&] { (void)admission(1, 1).enter(kTile, seconds(60), nullptr); });
  while (one.state().waiting < 1) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_FALSE(one.enter(kTile, seconds(60), nullptr)) << "one may wait";
  kill(child, SIGKILL);
  // Not waited for, it stays a zombie. The dead are looked for every 100 ms.
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(one.state().waiting, 0U);
  std::this_thread::sleep_for(milliseconds(250));
  const auto late = one.enter(kTile, milliseconds(50), nullptr);
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().detail.find("no slot"), std::string::npos) << "it waited in vain";
  EXPECT_EQ(ended_by(child), SIGKILL);
}

// Killed at any moment, the lock held or not, nothing hangs and no slot is lost.
TEST_F(AdmissionTest, KilledAtRandom) {
  const Admission two = admission(2);
  for (int i = 0; i < 40; ++i) {
    const pid_t child = in_child([&] {
      const Admission mine = admission(2);
      for (;;) (void)mine.enter(kTile, seconds(1), nullptr);
    });
    std::this_thread::sleep_for(milliseconds(5) + std::chrono::microseconds(i * 37));
    kill(child, SIGKILL);
    ASSERT_EQ(ended_by(child), SIGKILL);
    const auto first = two.enter(kTile, seconds(60), nullptr);
    const auto second = two.enter(kTile, seconds(60), nullptr);
    ASSERT_TRUE(first && second) << "after kill " << i;
  }
  EXPECT_EQ(two.state().tiles_inside, 0U);
}

}  // namespace
}  // namespace iip::test

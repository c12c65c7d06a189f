#include "engine/service/admission.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "engine/cache/shared_block.h"
#include "support/processes.h"

namespace iip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ended_by;
using test::in_child;

constexpr CacheClient kFirst{0};
constexpr CacheClient kSecond{1};
constexpr RenderCost kTile{Lane::tiles, 10, kFirst};
constexpr RenderCost kRegion{Lane::regions, 10, kFirst};

struct Leaver : ClientWatch {
  bool gone() override { return true; }
};

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest()
      : block_(SharedBlock::create(sizeof(AdmissionTable)).value()),
        table_(new (block_.span().data()) AdmissionTable) {
    EXPECT_TRUE(table_->format());
  }
  Admission admission(std::uint32_t places, std::uint32_t waiting = 100,
                      std::uint64_t memory = 1000) {
    return Admission(*table_, {places, memory, waiting});
  }

  SharedBlock block_;
  AdmissionTable* table_;
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
  EXPECT_TRUE(two.enter(kTile, seconds(1), nullptr)) << "a place came free";
  EXPECT_EQ(two.state().tiles_inside, 1U);
  EXPECT_EQ(two.state().memory, 10U);
}

TEST_F(AdmissionTest, RegionsLeavePlacesForTiles) {
  const Admission four = admission(4, 0);
  const auto first = four.enter(kRegion, seconds(1), nullptr);
  const auto second = four.enter(kRegion, seconds(1), nullptr);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(four.enter(kRegion, seconds(1), nullptr)) << "half of the places";
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
  auto first = std::make_unique<Result<Admission::Place>>(one.enter(kTile, seconds(1), nullptr));
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
  auto first = std::make_unique<Result<Admission::Place>>(two.enter(kTile, seconds(1), nullptr));
  const auto second = two.enter(kTile, seconds(1), nullptr);
  std::mutex mutex;
  std::vector<CacheClient> order;
  const auto enter = [&](CacheClient client) {
    const auto place = two.enter({Lane::tiles, 1, client}, seconds(60), nullptr);
    ASSERT_TRUE(place);
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

// Renders of the first host that hold every place, and three more that wait.
class SpareAdmissionTest : public AdmissionTest {
 protected:
  static constexpr std::uint32_t kPlaces = 2;
  static constexpr milliseconds kEver = std::chrono::hours(1);
  static constexpr RenderCost kOfSecond{Lane::tiles, 10, kSecond};

  explicit SpareAdmissionTest(milliseconds courtesy = kEver, std::uint32_t giving_way = kPlaces)
      : spare_(*table_, {kPlaces, 1000, 100, /*spare=*/true, courtesy, giving_way}) {
    for (std::uint32_t i = 0; i < kPlaces; ++i) {
      held_.push_back(spare_.enter(kTile, seconds(1), nullptr));
    }
    for (int i = 0; i < 3; ++i) {
      waiting_.emplace_back([this] {
        const auto place = spare_.enter(kTile, seconds(60), nullptr);
        ASSERT_TRUE(place);
        const std::lock_guard lock(mutex_);
        gave_way_.push_back(place->gives_way());
      });
    }
    while (spare_.state().waiting < 3) std::this_thread::sleep_for(milliseconds(1));
  }

  // All of the first host come in, and go, one after the other.
  void let_in_those_that_wait() {
    held_.pop_back();
    waiting_.clear();
    held_.clear();
  }

  const Admission spare_;
  std::vector<Result<Admission::Place>> held_;
  std::mutex mutex_;
  std::vector<bool> gave_way_;  // of those that waited, in their order
  std::vector<std::jthread> waiting_;
};

TEST_F(SpareAdmissionTest, AHostWithinItsShareDoesNotWait) {
  const auto place = spare_.enter(kOfSecond, seconds(1), nullptr);
  ASSERT_TRUE(place);
  EXPECT_FALSE(place->waited());
  EXPECT_FALSE(place->gives_way());
  EXPECT_EQ(spare_.state().tiles_inside, kPlaces + 1);
  EXPECT_EQ(spare_.state().waiting, 3U) << "no spare place is for the host that wants more";
  held_.clear();
}

TEST_F(SpareAdmissionTest, OneMoreThanTheShareWaits) {
  const auto first = spare_.enter(kOfSecond, seconds(1), nullptr);
  ASSERT_TRUE(first);
  const auto second = spare_.enter(kOfSecond, milliseconds(150), nullptr);
  ASSERT_FALSE(second) << "two places for two hosts: one for each";
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  held_.clear();
}

TEST_F(SpareAdmissionTest, SparePlacesEnd) {
  const auto third = spare_.enter({Lane::tiles, 10, CacheClient{2}}, seconds(1), nullptr);
  const auto fourth = spare_.enter({Lane::tiles, 10, CacheClient{3}}, seconds(1), nullptr);
  ASSERT_TRUE(third && fourth);
  const auto fifth = spare_.enter({Lane::tiles, 10, CacheClient{4}}, milliseconds(150), nullptr);
  ASSERT_FALSE(fifth) << "as many again as there are places";
  EXPECT_EQ(fifth.error().kind, ErrorKind::busy);
  held_.clear();
}

TEST_F(SpareAdmissionTest, MemoryHoldsForSparePlacesToo) {
  const auto second = spare_.enter({Lane::tiles, 981, kSecond}, milliseconds(150), nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_TRUE(spare_.enter({Lane::tiles, 980, kSecond}, milliseconds(150), nullptr));
  held_.clear();
}

TEST_F(SpareAdmissionTest, AHostThatIsAloneGivesWayToNobody) {
  let_in_those_that_wait();
  EXPECT_EQ(gave_way_, (std::vector{false, false, false}));
}

// Four of two places are wanted, then three, then two, which is no more than there are.
TEST_F(SpareAdmissionTest, WhoWantsMoreThanItsShareGivesWayToOneThatDoesNot) {
  EXPECT_TRUE(spare_.enter(kOfSecond, seconds(1), nullptr));
  let_in_those_that_wait();
  EXPECT_EQ(gave_way_, (std::vector{true, true, false}));
}

TEST_F(SpareAdmissionTest, AndToThatOneStillWhenAThirdCame) {
  EXPECT_TRUE(spare_.enter(kOfSecond, seconds(1), nullptr));
  EXPECT_TRUE(spare_.enter({Lane::tiles, 10, CacheClient{2}}, seconds(1), nullptr));
  let_in_those_that_wait();
  EXPECT_EQ(gave_way_, (std::vector{true, true, false}));
}

class BriefCourtesyTest : public SpareAdmissionTest {
 protected:
  static constexpr milliseconds kBrief{10};
  BriefCourtesyTest() : SpareAdmissionTest(kBrief) {}
};

TEST_F(BriefCourtesyTest, EndsSomeTimeAfterTheOtherHostsLastRender) {
  EXPECT_TRUE(spare_.enter(kOfSecond, seconds(1), nullptr));
  std::this_thread::sleep_for(5 * kBrief);
  let_in_those_that_wait();
  EXPECT_EQ(gave_way_, (std::vector{false, false, false}));
}

class FewGivingWayTest : public SpareAdmissionTest {
 protected:
  FewGivingWayTest() : SpareAdmissionTest(kEver, 1) {}
};

// Of the first host one is inside still, and three wait, when another wants a place.
TEST_F(FewGivingWayTest, APlaceIsLeftFree) {
  {
    const auto other = spare_.enter(kOfSecond, seconds(1), nullptr);
    ASSERT_TRUE(other);
    held_.pop_back();
    EXPECT_EQ(spare_.state().tiles_inside, 2U) << "one of each host";
    EXPECT_EQ(spare_.state().waiting, 3U);
    const auto third = spare_.enter({Lane::tiles, 10, CacheClient{2}}, seconds(1), nullptr);
    ASSERT_TRUE(third);
    EXPECT_FALSE(third->waited());
  }
  EXPECT_EQ(spare_.state().tiles_inside, 1U);
  EXPECT_EQ(spare_.state().waiting, 3U) << "others may come again";
  held_.pop_back();
  waiting_.clear();
  EXPECT_EQ(gave_way_, (std::vector{true, false, false}));
}

TEST_F(AdmissionTest, AHostGivesWayThatWasWithinItsShareItselfLast) {
  const Admission spare(*table_, {1, 1000, 100, /*spare=*/true, std::chrono::hours(1)});
  EXPECT_TRUE(spare.enter({Lane::tiles, 10, kSecond}, seconds(1), nullptr));
  auto place = std::make_unique<Result<Admission::Place>>(spare.enter(kTile, seconds(1), nullptr));
  ASSERT_TRUE(*place);
  EXPECT_FALSE((*place)->gives_way());
  std::atomic<int> gave_way{0};
  std::vector<std::jthread> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.emplace_back([&] {
      const auto next = spare.enter(kTile, seconds(60), nullptr);
      if (next && next->gives_way()) ++gave_way;
    });
  }
  while (spare.state().waiting < 2) std::this_thread::sleep_for(milliseconds(1));
  place.reset();
  waiting.clear();
  EXPECT_EQ(gave_way, 1) << "the last of them is alone";
}

TEST_F(AdmissionTest, ARegionWithinTheShareDoesNotWaitForAnotherHosts) {
  const Admission spare(*table_, {2, 1000, 100, /*spare=*/true});
  const auto first = spare.enter(kRegion, seconds(1), nullptr);
  ASSERT_TRUE(first);
  EXPECT_TRUE(spare.enter({Lane::regions, 10, kSecond}, seconds(1), nullptr));
  EXPECT_FALSE(spare.enter(kRegion, milliseconds(150), nullptr)) << "its second";
}

TEST_F(AdmissionTest, SparePlacesAreNotForMoreRegionsOfOneHost) {
  const Admission spare(*table_, {3, 1000, 100, /*spare=*/true});
  const auto first = spare.enter(kRegion, seconds(1), nullptr);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->gives_way());
  EXPECT_FALSE(spare.enter(kRegion, milliseconds(150), nullptr)) << "half of the places";
  EXPECT_TRUE(spare.enter(kTile, seconds(1), nullptr));
}

class MemoryShareTest : public AdmissionTest {
 protected:
  static RenderCost cost(std::uint64_t bytes, CacheClient client) {
    return {Lane::tiles, bytes, client};
  }
  const Admission shared_{
      *table_, {16, 1000, 100, /*spare=*/true, std::chrono::hours(1), 16, /*reserved=*/250}};
};

TEST_F(MemoryShareTest, ALargePictureLeavesRoomForAnotherHosts) {
  const auto refused = shared_.enter(cost(751, kFirst), seconds(1), nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large) << "it could never be let in";
  const auto large = shared_.enter(cost(750, kFirst), seconds(1), nullptr);
  ASSERT_TRUE(large);
  const auto small = shared_.enter(cost(100, kSecond), seconds(1), nullptr);
  ASSERT_TRUE(small);
  EXPECT_FALSE(small->waited());
  const auto more = shared_.enter(cost(1, kFirst), milliseconds(150), nullptr);
  ASSERT_FALSE(more) << "the first host has more than its share";
  EXPECT_EQ(more.error().kind, ErrorKind::busy);
}

TEST_F(MemoryShareTest, ManyPicturesOfOneHostLeaveRoomToo) {
  std::vector<Result<Admission::Place>> held;
  for (int i = 0; i < 7; ++i) held.push_back(shared_.enter(cost(100, kFirst), seconds(1), nullptr));
  for (const auto& place : held) EXPECT_TRUE(place);
  EXPECT_FALSE(shared_.enter(cost(100, kFirst), milliseconds(150), nullptr));
  EXPECT_TRUE(shared_.enter(cost(250, kSecond), seconds(1), nullptr));
}

TEST_F(MemoryShareTest, TheShareIsOfTheHostsThatAreThere) {
  const auto first = shared_.enter(cost(700, kFirst), seconds(1), nullptr);
  const auto second = shared_.enter(cost(150, kSecond), seconds(1), nullptr);
  ASSERT_TRUE(first && second);
  // Three hosts, 333 bytes for each, of which 150 are free.
  EXPECT_FALSE(shared_.enter(cost(151, CacheClient{2}), milliseconds(150), nullptr));
  EXPECT_TRUE(shared_.enter(cost(150, CacheClient{2}), seconds(1), nullptr));
}

TEST_F(MemoryShareTest, WhoWaitsForMemoryIsLetInWhenThereIsSome) {
  auto large = std::make_unique<Result<Admission::Place>>(
      shared_.enter(cost(700, kFirst), seconds(1), nullptr));
  std::jthread leaving([&] {
    while (shared_.state().waiting == 0) std::this_thread::sleep_for(milliseconds(1));
    large.reset();
  });
  const auto next = shared_.enter(cost(700, kFirst), seconds(60), nullptr);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->waited());
}

TEST_F(AdmissionTest, NeverMoreInsideThanPlacesAcrossProcesses) {
  auto counters = SharedBlock::create(4096).value();
  auto* inside = new (counters.span().data()) std::atomic<int>(0);
  constexpr int kPlaces = 3;
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(in_child([&, i] {
      const Admission mine = admission(kPlaces);
      for (int round = 0; round < 200; ++round) {
        const RenderCost cost{round % 3 == 0 ? Lane::regions : Lane::tiles, 5,
                              static_cast<CacheClient>(i % 2)};
        const auto place = mine.enter(cost, seconds(60), nullptr);
        if (!place || inside->fetch_add(1) >= kPlaces) _exit(1);
        std::this_thread::yield();
        inside->fetch_sub(1);
      }
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ended_by(child), 0);
  const AdmissionState state = admission(kPlaces).state();
  EXPECT_EQ(state.tiles_inside + state.regions_inside + state.waiting, 0U);
}

TEST_F(AdmissionTest, ThePlacesOfTheDeadComeBack) {
  const Admission two = admission(2);
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    children.push_back(in_child([&] {
      const auto place = admission(2).enter(kTile, seconds(1), nullptr);
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
  auto place = one.enter(kTile, seconds(1), nullptr);
  ASSERT_TRUE(place);
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
  EXPECT_NE(late.error().detail.find("no place"), std::string::npos) << "it waited in vain";
  EXPECT_EQ(ended_by(child), SIGKILL);
}

// Killed at any moment, the lock held or not, nothing hangs and no place is lost.
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
}  // namespace iip

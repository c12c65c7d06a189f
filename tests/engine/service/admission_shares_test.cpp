// What virtual hosts have of the slots and the memory, with renders that really wait.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "admission_fixture.h"

namespace iip::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Renders of the first host that hold every slot, and three more that wait.
class SpareAdmissionTest : public AdmissionTest {
 protected:
  static constexpr std::uint32_t kSlots = 2;
  static constexpr milliseconds kEver = std::chrono::hours(1);
  static constexpr RenderCost kOfSecond{Lane::tiles, 10, kSecond};

  explicit SpareAdmissionTest(milliseconds courtesy = kEver, std::uint32_t giving_way = kSlots)
      : spare_(*table_, {kSlots, 1000, 100, /*spare=*/true, courtesy, giving_way}) {
    for (std::uint32_t i = 0; i < kSlots; ++i) {
      held_.push_back(spare_.enter(kTile, seconds(1), nullptr));
    }
    for (int i = 0; i < 3; ++i) {
      waiting_.emplace_back([this] {
        const auto slot = spare_.enter(kTile, seconds(60), nullptr);
        ASSERT_TRUE(slot);
        const std::lock_guard lock(mutex_);
        gave_way_.push_back(slot->gives_way());
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
  std::vector<Result<Admission::Slot>> held_;
  std::mutex mutex_;
  std::vector<bool> gave_way_;  // of those that waited, in their order
  std::vector<std::jthread> waiting_;
};

TEST_F(SpareAdmissionTest, AHostWithinItsShareDoesNotWait) {
  const auto slot = spare_.enter(kOfSecond, seconds(1), nullptr);
  ASSERT_TRUE(slot);
  EXPECT_FALSE(slot->waited());
  EXPECT_FALSE(slot->gives_way());
  EXPECT_EQ(spare_.state().tiles_inside, kSlots + 1);
  EXPECT_EQ(spare_.state().waiting, 3U) << "no spare slot is for the host that wants more";
  held_.clear();
}

TEST_F(SpareAdmissionTest, OneMoreThanTheShareWaits) {
  const auto first = spare_.enter(kOfSecond, seconds(1), nullptr);
  ASSERT_TRUE(first);
  const auto second = spare_.enter(kOfSecond, milliseconds(150), nullptr);
  ASSERT_FALSE(second) << "two slots for two hosts: one for each";
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  held_.clear();
}

TEST_F(SpareAdmissionTest, SparePlacesEnd) {
  const auto third = spare_.enter({Lane::tiles, 10, CacheClient{2}}, seconds(1), nullptr);
  const auto fourth = spare_.enter({Lane::tiles, 10, CacheClient{3}}, seconds(1), nullptr);
  ASSERT_TRUE(third && fourth);
  const auto fifth = spare_.enter({Lane::tiles, 10, CacheClient{4}}, milliseconds(150), nullptr);
  ASSERT_FALSE(fifth) << "as many again as there are slots";
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

// Four of two slots are wanted, then three, then two, which is no more than there are.
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

// Of the first host one is inside still, and three wait, when another wants a slot.
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
  auto slot = std::make_unique<Result<Admission::Slot>>(spare.enter(kTile, seconds(1), nullptr));
  ASSERT_TRUE(*slot);
  EXPECT_FALSE((*slot)->gives_way());
  std::atomic<int> gave_way{0};
  std::vector<std::jthread> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.emplace_back([&] {
      const auto next = spare.enter(kTile, seconds(60), nullptr);
      if (next && next->gives_way()) ++gave_way;
    });
  }
  while (spare.state().waiting < 2) std::this_thread::sleep_for(milliseconds(1));
  slot.reset();
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
  EXPECT_FALSE(spare.enter(kRegion, milliseconds(150), nullptr)) << "half of the slots";
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
  std::vector<Result<Admission::Slot>> held;
  for (int i = 0; i < 7; ++i) held.push_back(shared_.enter(cost(100, kFirst), seconds(1), nullptr));
  for (const auto& slot : held) EXPECT_TRUE(slot);
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
  auto large = std::make_unique<Result<Admission::Slot>>(
      shared_.enter(cost(700, kFirst), seconds(1), nullptr));
  std::jthread leaving([&] {
    while (shared_.state().waiting == 0) std::this_thread::sleep_for(milliseconds(1));
    large.reset();
  });
  const auto next = shared_.enter(cost(700, kFirst), seconds(60), nullptr);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->waited());
}

}  // namespace
}  // namespace iip::test

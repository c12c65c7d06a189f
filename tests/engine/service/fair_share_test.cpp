// Whose turn it is, by a clock of the test's own: no thread, lock or process has a part in it.
#include "engine/service/fair_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

namespace iip::test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = AdmissionRecord::State;

constexpr std::uint64_t kMemory = 1000;

class FairShareTest : public ::testing::Test {
 protected:
  void add(State state, int client, Lane lane, std::uint64_t bytes) {
    AdmissionRecord& record = records_.at(used_++);
    record.state = state;
    record.client = static_cast<std::uint16_t>(client);
    record.lane = lane;
    record.bytes = bytes;
    record.ticket = used_;
  }
  void inside(int client, Lane lane = Lane::tiles, std::uint64_t bytes = 1) {
    add(State::inside, client, lane, bytes);
  }
  void waiting(int client, Lane lane = Lane::tiles, std::uint64_t bytes = 1) {
    add(State::waiting, client, lane, bytes);
  }

  // The clients of those that are let in, one after the other.
  std::vector<int> let_in(std::int64_t now = 0) {
    const std::span<AdmissionRecord> used(records_.data(), used_);
    FairShare shares(used, modest_, limits_, now);
    std::vector<int> clients;
    gave_way_.clear();
    while (const AdmissionRecord* record = shares.let_in_next()) {
      EXPECT_EQ(record->state, State::inside);
      clients.push_back(record->client);
      gave_way_.push_back(record->gives_way);
    }
    return clients;
  }

  AdmissionLimits limits_{4, kMemory, 100, false, milliseconds(1000), 4, 0};
  std::vector<AdmissionRecord> records_ = std::vector<AdmissionRecord>(64);
  std::size_t used_ = 0;
  ModestHosts modest_;
  std::vector<bool> gave_way_;
};

TEST_F(FairShareTest, NobodyWaits) {
  EXPECT_THAT(let_in(), IsEmpty());
  inside(0);
  EXPECT_THAT(let_in(), IsEmpty());
}

TEST_F(FairShareTest, TheFirstThatCameWithinAHost) {
  for (int i = 0; i < 3; ++i) inside(0);
  waiting(0, Lane::tiles, 7);
  waiting(0, Lane::tiles, 8);
  std::swap(records_[3].ticket, records_[4].ticket);
  EXPECT_THAT(let_in(), ElementsAre(0));
  EXPECT_EQ(records_[4].state, State::inside) << "it has the lower ticket";
  EXPECT_EQ(records_[3].state, State::waiting);
}

TEST_F(FairShareTest, TheHostWithTheFewestPlaces) {
  inside(0);
  inside(1);
  for (const int client : {0, 0, 1, 2, 0}) waiting(client);
  // Two slots are free: of host 2, which has none, then of the one that came first.
  EXPECT_THAT(let_in(), ElementsAre(2, 0));
}

TEST_F(FairShareTest, RegionsHaveHalfOfThePlaces) {
  for (int i = 0; i < 4; ++i) waiting(0, Lane::regions);
  waiting(0);
  waiting(0);
  EXPECT_THAT(let_in(), ElementsAre(0, 0, 0, 0));
  const AdmissionState state = count_renders(records_, limits_);
  EXPECT_EQ(state.regions_inside, 2U);
  EXPECT_EQ(state.tiles_inside, 2U);
  EXPECT_EQ(state.waiting, 2U);
  EXPECT_EQ(state.memory, 4U);
  EXPECT_EQ(state.slots, 4U);
}

// One that is too large for what is free does not hold up those behind it.
TEST_F(FairShareTest, WhatFitsGoesFirst) {
  inside(0, Lane::tiles, 600);
  waiting(0, Lane::tiles, 401);
  waiting(0, Lane::tiles, 400);
  EXPECT_THAT(let_in(), ElementsAre(0));
  EXPECT_EQ(records_[1].state, State::waiting);
}

TEST_F(FairShareTest, SparePlacesAreForThoseWithinTheirShare) {
  limits_.spare = true;
  for (int i = 0; i < 4; ++i) inside(0);
  for (int i = 0; i < 3; ++i) waiting(0);
  waiting(1);
  waiting(1);
  // Two hosts, two slots for each.
  EXPECT_THAT(let_in(), ElementsAre(1, 1));
  waiting(1);
  EXPECT_THAT(let_in(), IsEmpty()) << "that is one more than its share";
  for (const int client : {2, 3, 4, 5}) waiting(client);
  EXPECT_THAT(let_in(), ElementsAre(2, 3)) << "there are eight in all";
}

TEST_F(FairShareTest, ReservedMemoryIsForThoseWithinTheirShare) {
  limits_.reserved = 250;
  EXPECT_EQ(most_of_one(limits_), 750U);
  waiting(0, Lane::tiles, 750);
  EXPECT_THAT(let_in(), ElementsAre(0));
  waiting(0, Lane::tiles, 1);
  EXPECT_THAT(let_in(), IsEmpty());
  waiting(1, Lane::tiles, 250);
  EXPECT_THAT(let_in(), ElementsAre(1));
}

// Half of it may always be had, whatever is reserved, by one that is alone.
TEST_F(FairShareTest, MostOfOne) {
  limits_.reserved = 900;
  EXPECT_EQ(most_of_one(limits_), 500U);
  limits_.reserved = 5000;
  EXPECT_EQ(most_of_one(limits_), 500U);
}

// Host 1 was within its share at 0; two hosts with two slots each, host 0 wants five.
class CourtesyTest : public FairShareTest {
 protected:
  CourtesyTest() {
    limits_.spare = true;
    for (int i = 0; i < 3; ++i) inside(0);
    for (int i = 0; i < 2; ++i) waiting(0);
    modest_[0] = {1, 0};
  }
};

TEST_F(CourtesyTest, LastsAsLongAsItIsSaid) {
  EXPECT_THAT(let_in(1000), ElementsAre(0));
  EXPECT_THAT(gave_way_, ElementsAre(true)) << "it wants five of four slots";
}

TEST_F(CourtesyTest, AndNoLonger) {
  EXPECT_THAT(let_in(1001), ElementsAre(0));
  EXPECT_THAT(gave_way_, ElementsAre(false));
}

TEST_F(CourtesyTest, IsForTheOther) {
  waiting(1);
  inside(0);
  // Of five wanted by one and one by the other, two are within a share.
  EXPECT_THAT(let_in(1000), ElementsAre(1));
  EXPECT_THAT(gave_way_, ElementsAre(false));
  records_[0].state = State::unused;
  records_[1].state = State::unused;
  waiting(0);
  // Four that host 0 wants are more than two.
  limits_.giving_way = 4;
  const auto entered = let_in(2000);
  EXPECT_THAT(entered, ElementsAre(0));
  EXPECT_THAT(gave_way_, ElementsAre(true)) << "host 1 was let in a second ago";
}

TEST_F(CourtesyTest, EndsByTheClock) {
  waiting(1);
  inside(0);
  EXPECT_THAT(let_in(1000), ElementsAre(1));
  records_[0].state = State::unused;
  records_[1].state = State::unused;
  waiting(0);
  EXPECT_THAT(let_in(2001), ElementsAre(0));
  EXPECT_THAT(gave_way_, ElementsAre(false));
}

TEST_F(CourtesyTest, LeavesPlacesFree) {
  waiting(1);
  inside(0);
  EXPECT_THAT(let_in(1000), ElementsAre(1));
  limits_.giving_way = 2;
  records_[0].state = State::unused;
  records_[1].state = State::unused;
  EXPECT_THAT(let_in(1500), IsEmpty()) << "two that gave way are inside";
  EXPECT_THAT(let_in(2001), ElementsAre(0)) << "the other has not come again";
}

// Whatever the order of arrivals and departures: never more than the limits say, and nobody who
// fits is left waiting.
TEST_F(FairShareTest, LimitsHoldWhateverComes) {
  limits_.spare = true;
  limits_.reserved = 250;
  std::uint32_t random = 1;
  const auto next = [&](std::uint32_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 16U) % below;
  };
  used_ = records_.size();
  for (std::int64_t now = 0; now < 20'000; ++now) {
    AdmissionRecord& record = records_[next(64)];
    if (record.state == State::unused) {
      record.client = static_cast<std::uint16_t>(next(5));
      record.lane = next(3) == 0 ? Lane::regions : Lane::tiles;
      record.bytes = next(400);
      record.ticket = static_cast<std::uint64_t>(now);
      record.state = State::waiting;
    } else {
      record.state = State::unused;
    }
    let_in(now);
    const AdmissionState state = count_renders(records_, limits_);
    ASSERT_LE(state.tiles_inside + state.regions_inside, 2 * limits_.slots);
    ASSERT_LE(state.memory, limits_.memory);
    // With nobody inside, whoever waits can go in.
    if (state.tiles_inside + state.regions_inside == 0) {
      ASSERT_EQ(state.waiting, 0U);
    }
    ASSERT_THAT(let_in(now), IsEmpty()) << "the second time there is nothing left to do";
  }
}

}  // namespace
}  // namespace iip::test

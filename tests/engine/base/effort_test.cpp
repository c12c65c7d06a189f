#include "engine/base/effort.h"

#include <gtest/gtest.h>

namespace iip {
namespace {

constexpr std::uint64_t kAll = EffortLimit::kMostBytes;

TEST(Effort, AnyFileMayTakeSome) {
  EffortLimit limit;
  EXPECT_TRUE(limit.spend({EffortLimit::kMostBlocks, kAll}, 0));
}

TEST(Effort, WhatIsSpentAddsUp) {
  EffortLimit limit;
  EXPECT_TRUE(limit.spend({1, kAll - 1}, 0));
  EXPECT_TRUE(limit.spend({1, 1}, 0));
  const Status more = limit.spend({1, 1}, 0);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::too_large);
  EXPECT_EQ(
      more.error().detail,
      "3 blocks and 536870913 bytes to decode; the limits are 1048576 and, of 0 stored bytes, "
      "536870912");
}

TEST(Effort, ALargeFileMayTakeMoreBytes) {
  constexpr std::uint64_t kStored = 1000;
  EffortLimit limit;
  EXPECT_TRUE(limit.spend({1, kAll + EffortLimit::kMostBytesAStoredByte * kStored}, kStored));
  // What is read of another file, a smaller one, takes nothing of that away.
  EXPECT_TRUE(limit.spend({1, 0}, 1));
  EXPECT_FALSE(limit.spend({1, 1}, kStored));
}

TEST(Effort, NoFileMayHaveMoreBlocks) {
  EffortLimit limit;
  EXPECT_FALSE(limit.spend({EffortLimit::kMostBlocks + 1, 0}, ~std::uint64_t{0}));
}

TEST(Effort, NoSumWrapsRound) {
  EffortLimit limit;
  EXPECT_FALSE(limit.spend({~std::uint64_t{0}, 0}, 0));
  EXPECT_FALSE(limit.spend({2, 0}, 0));
}

}  // namespace
}  // namespace iip

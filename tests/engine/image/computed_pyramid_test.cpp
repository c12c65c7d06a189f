#include "engine/image/computed_pyramid.h"

#include <gtest/gtest.h>

#include <limits>

#include "pyramids.h"

namespace iip {
namespace {

TEST(ComputedPyramid, RoundedUpToOnePixel) {
  const auto pyramid = ComputedPyramid::up_to_one_pixel({1000, 701});
  ASSERT_EQ(pyramid.level_count(), 11U);  // 2^10 is the first power of two not below 1000
  EXPECT_EQ(pyramid.level_size(10), (Size{1000, 701}));
  EXPECT_EQ(pyramid.level_size(9), (Size{500, 351}));
  EXPECT_EQ(pyramid.level_size(8), (Size{250, 176}));
  EXPECT_EQ(pyramid.level_size(1), (Size{2, 2}));
  EXPECT_EQ(pyramid.level_size(0), (Size{1, 1}));
  EXPECT_EQ(pyramid.level_size(11), std::nullopt);
  EXPECT_EQ(pyramid.level_size(std::numeric_limits<std::uint64_t>::max()), std::nullopt);
  EXPECT_EQ(pyramid.scale(8), 4);
}

TEST(ComputedPyramid, PowersOfTwoHaveNoLevelTooMany) {
  EXPECT_EQ(ComputedPyramid::up_to_one_pixel({1, 1}).level_count(), 1U);
  EXPECT_EQ(ComputedPyramid::up_to_one_pixel({2, 1}).level_count(), 2U);
  EXPECT_EQ(ComputedPyramid::up_to_one_pixel({256, 256}).level_count(), 9U);
  EXPECT_EQ(ComputedPyramid::up_to_one_pixel({257, 1}).level_count(), 10U);
  EXPECT_EQ(ComputedPyramid::up_to_one_pixel({1, 32768}).level_count(), 16U);
}

TEST(ComputedPyramid, RoundedDownToOneTile) {
  const auto pyramid = ComputedPyramid::down_to_one_tile({513, 257}, 256);
  ASSERT_EQ(pyramid.level_count(), 2U);
  EXPECT_EQ(pyramid.level_size(0), (Size{256, 128}));
  EXPECT_EQ(pyramid.level_size(1), (Size{513, 257}));
  EXPECT_EQ(pyramid.level_size(2), std::nullopt);
  EXPECT_EQ(pyramid.tile_count(256), 1 + 3 * 2);

  const auto narrow = ComputedPyramid::down_to_one_tile({1, 5000}, 256);
  ASSERT_EQ(narrow.level_count(), 6U);
  EXPECT_EQ(narrow.level_size(0), (Size{1, 156}));
  EXPECT_EQ(narrow.tile_count(256), 1 + 2 + 3 + 5 + 10 + 20);
}

TEST(ComputedPyramid, ALevelOfExactlyOneTileIsTheLast) {
  EXPECT_EQ(ComputedPyramid::down_to_one_tile({256, 256}, 256).level_count(), 1U);
  EXPECT_EQ(ComputedPyramid::down_to_one_tile({512, 512}, 256).tile_count(256), 5);
  // 600x400 in tiles of 128: 600x400, 300x200, 150x100, 75x50.
  EXPECT_EQ(ComputedPyramid::down_to_one_tile({600, 400}, 128).tile_count(128),
            5 * 4 + 3 * 2 + 2 * 1 + 1);
}

}  // namespace
}  // namespace iip

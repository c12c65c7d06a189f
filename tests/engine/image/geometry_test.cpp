#include "engine/image/geometry.h"

#include <gtest/gtest.h>

#include "engine/image/image_info.h"

namespace iip {
namespace {

TEST(Geometry, IntersectionOfOverlappingRectangles) {
  EXPECT_EQ(intersect({0, 0, 10, 10}, {5, 6, 10, 10}), (Rect{5, 6, 5, 4}));
  EXPECT_EQ(intersect({2, 2, 3, 3}, {0, 0, 100, 100}), (Rect{2, 2, 3, 3}));
}

TEST(Geometry, IntersectionOfDistantRectanglesIsEmpty) {
  EXPECT_TRUE(intersect({0, 0, 10, 10}, {10, 0, 5, 5}).empty());
  EXPECT_TRUE(intersect({0, 0, 10, 10}, {-5, -5, 5, 5}).empty());
}

TEST(Geometry, CeilDiv) {
  EXPECT_EQ(ceil_div(1, 256), 1);
  EXPECT_EQ(ceil_div(256, 256), 1);
  EXPECT_EQ(ceil_div(257, 256), 2);
}

TEST(Geometry, TilesAreCutAtTheRightAndBottom) {
  const Level level{{1000, 701}, {240, 112}};
  EXPECT_EQ(level.tiles_across(), 5);
  EXPECT_EQ(level.tiles_down(), 7);
  EXPECT_EQ(level.tile_count(), 35);
  EXPECT_EQ(level.tile_rect(0), (Rect{0, 0, 240, 112}));
  EXPECT_EQ(level.tile_rect(4), (Rect{960, 0, 40, 112}));
  EXPECT_EQ(level.tile_rect(5), (Rect{0, 112, 240, 112}));
  EXPECT_EQ(level.tile_rect(34), (Rect{960, 672, 40, 29}));
  std::int64_t covered = 0;
  for (std::int64_t i = 0; i < level.tile_count(); ++i) covered += level.tile_rect(i).size().area();
  EXPECT_EQ(covered, 1000 * 701);
}

TEST(Geometry, ResolutionsAreCountedFromTheSmallest) {
  ImageInfo info;
  info.levels = {{{400, 300}, {64, 64}}, {{200, 150}, {64, 64}}, {{100, 75}, {64, 64}}};
  EXPECT_EQ(info.size(), (Size{400, 300}));
  EXPECT_EQ(info.level_of_resolution(0), 2U);
  EXPECT_EQ(info.level_of_resolution(2), 0U);
}

}  // namespace
}  // namespace iip

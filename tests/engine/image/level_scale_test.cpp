#include "engine/image/level_scale.h"

#include <gtest/gtest.h>

#include "pyramids.h"

namespace iip {
namespace {

void expect_scale(const Size& full, const Size& level, double x, double y) {
  ImageInfo info;
  info.levels = {{full, {256, 256}}, {level, {256, 256}}};
  const LevelScale scale = level_scale(info, 1);
  EXPECT_DOUBLE_EQ(scale.x, x);
  EXPECT_DOUBLE_EQ(scale.y, y);
}

TEST(LevelScale, IsThePowerOfTwoWhicheverWayTheSizeWasRounded) {
  expect_scale({1000, 701}, {500, 350}, 2, 2);
  expect_scale({1000, 701}, {500, 351}, 2, 2);
  expect_scale({1000, 701}, {250, 175}, 4, 4);
  expect_scale({1000, 701}, {250, 176}, 4, 4);
  expect_scale({513, 257}, {256, 128}, 2, 2);
  expect_scale({513, 257}, {257, 129}, 2, 2);
  expect_scale({32769, 24577}, {8, 6}, 4096, 4096);
  expect_scale({32769, 24577}, {9, 7}, 4096, 4096);
}

TEST(LevelScale, ANarrowSideStopsAtOnePixel) {
  expect_scale({1, 5000}, {1, 1250}, 4, 4);
  expect_scale({5000, 3}, {39, 1}, 128, 128);
}

TEST(LevelScale, OtherWholeNumbers) {
  expect_scale({900, 900}, {300, 300}, 3, 3);
  expect_scale({1000, 701}, {333, 233}, 3, 3);
  expect_scale({1000, 701}, {334, 234}, 3, 3);
}

TEST(LevelScale, AnythingElseIsTheImageScaled) {
  expect_scale({1000, 1000}, {400, 400}, 2.5, 2.5);
  expect_scale({1000, 1000}, {500, 250}, 2, 4);
}

TEST(LevelScale, TheFullLevelIsNotScaled) {
  ImageInfo info;
  info.levels = {{{1000, 701}, {256, 256}}};
  EXPECT_EQ(level_scale(info, 0).x, 1);
  EXPECT_EQ(level_scale(info, 0).y, 1);
}

}  // namespace
}  // namespace iip

#include "engine/plan/region.h"

#include <gtest/gtest.h>

#include <limits>

namespace iip {
namespace {

constexpr Size kFull{1000, 701};
constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

Rect pixels(const Region& region, const Size& full = kFull) {
  const auto rect = region_in_pixels(region, full);
  EXPECT_TRUE(rect.has_value());
  return rect.value_or(Rect{});
}

void expect_malformed(const Region& region, const Size& full = kFull) {
  const auto rect = region_in_pixels(region, full);
  ASSERT_FALSE(rect.has_value());
  EXPECT_EQ(rect.error().kind, ErrorKind::malformed);
}

TEST(Region, WholeAndSquare) {
  EXPECT_EQ(pixels(WholeImage{}), (Rect{0, 0, 1000, 701}));
  EXPECT_EQ(pixels(CentredSquare{}), (Rect{149, 0, 701, 701}));
  EXPECT_EQ(pixels(CentredSquare{}, {3, 10}), (Rect{0, 3, 3, 3}));
  EXPECT_EQ(pixels(CentredSquare{}, {1, 1}), (Rect{0, 0, 1, 1}));
}

TEST(Region, PixelsAreCutAtTheEdge) {
  EXPECT_EQ(pixels(PixelRegion{10, 20, 30, 40}), (Rect{10, 20, 30, 40}));
  EXPECT_EQ(pixels(PixelRegion{768, 512, 256, 256}), (Rect{768, 512, 232, 189}));
  EXPECT_EQ(pixels(PixelRegion{0, 0, kHuge, kHuge}), (Rect{0, 0, 1000, 701}));
  EXPECT_EQ(pixels(PixelRegion{999, 700, kHuge, 1}), (Rect{999, 700, 1, 1}));
  // One row of pixels is left of an oversize tile.
  EXPECT_EQ(pixels(PixelRegion{0, 256, 256, 256}, {513, 257}), (Rect{0, 256, 256, 1}));
}

TEST(Region, EmptyOrOutsideIsMalformed) {
  expect_malformed(PixelRegion{0, 0, 0, 10});
  expect_malformed(PixelRegion{0, 0, 10, 0});
  expect_malformed(PixelRegion{1000, 0, 10, 10});
  expect_malformed(PixelRegion{0, 701, 10, 10});
  expect_malformed(PixelRegion{kHuge, kHuge, kHuge, kHuge});
  expect_malformed(PercentRegion{100, 0, 10, 10});
  expect_malformed(PercentRegion{0, 0, 0, 10});
  expect_malformed(FractionRegion{0, 0, 0.5, 0});
  expect_malformed(FractionRegion{1, 0, 0.5, 0.5});
  expect_malformed(FractionRegion{2, 0, 0.5, 0.5});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_malformed(PercentRegion{nan, 0, 10, 10});
  expect_malformed(PercentRegion{0, 0, nan, 10});
  expect_malformed(FractionRegion{0, nan, 0.5, 0.5});
}

TEST(Region, PercentRoundsEachEdgeOnce) {
  EXPECT_EQ(pixels(PercentRegion{0, 0, 100, 100}), (Rect{0, 0, 1000, 701}));
  EXPECT_EQ(pixels(PercentRegion{10, 10, 20, 20}), (Rect{100, 70, 200, 140}));
  EXPECT_EQ(pixels(PercentRegion{50, 50, 1e300, 200}), (Rect{500, 351, 500, 350}));
  // The edges 3.5 and 7.0 become 4 and 7.
  EXPECT_EQ(pixels(PercentRegion{0.35, 0, 0.35, 100}), (Rect{4, 0, 3, 701}));
}

TEST(Region, WhatStartsInsideHasAPixel) {
  EXPECT_EQ(pixels(PercentRegion{99.99, 99.99, 0.001, 0.001}), (Rect{999, 700, 1, 1}));
  EXPECT_EQ(pixels(PercentRegion{50, 50, 1e-9, 1e-9}, {1, 1}), (Rect{0, 0, 1, 1}));
  EXPECT_EQ(pixels(FractionRegion{0.9999, 0, 0.5, 1}), (Rect{999, 0, 1, 701}));
}

TEST(Region, FractionsOfPixelsComeBackWhole) {
  // A viewer divides pixels by the image's size; each edge must find its pixel again.
  for (std::int64_t x = 0; x < 1000; ++x) {
    const FractionRegion region{static_cast<double>(x) / 1000, 0, 1.0 / 1000, 1};
    ASSERT_EQ(pixels(region), (Rect{x, 0, 1, 701})) << x;
  }
}

TEST(Region, FractionsAreHeldToTheImage) {
  EXPECT_EQ(pixels(FractionRegion{-0.5, -3, 0.5, 7}), (Rect{0, 0, 500, 701}));
  EXPECT_EQ(pixels(FractionRegion{0.5, 0.5, 1, 1}), (Rect{500, 351, 500, 350}));
}

}  // namespace
}  // namespace iip

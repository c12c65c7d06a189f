#include "engine/pipeline/statistics.h"

#include <cmath>

#include "support/rasters.h"

namespace iip::test {
namespace {

constexpr PixelFormat kFloat{SampleType::f32, ColourModel::grey, false};

TEST(Statistics, ExtremesOfAllColoursAndOfEachFurtherChannel) {
  Memory memory;
  const PixelFormat format{SampleType::u16, ColourModel::rgb, false, 1};
  const Raster raster = make_values(
      {10, 10}, format, memory, [](auto x, auto y, int c) { return 1000 * (c + 1) + 10 * y + x; });
  const Statistics statistics = must(measure(raster, full_scale(format), {}));
  ASSERT_EQ(statistics.ranges.size(), 4U);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(statistics.ranges[c].min, 1000);
    EXPECT_EQ(statistics.ranges[c].max, 3099);
  }
  EXPECT_EQ(statistics.ranges[3].min, 4000);
  EXPECT_EQ(statistics.ranges[3].max, 4099);
}

TEST(Statistics, WhatIsNoNumberOrTransparentDoesNotCount) {
  Memory memory;
  const Raster floats = make_values({4, 1}, kFloat, memory, [](auto x, auto, int) {
    return x == 0 ? NAN : x == 1 ? INFINITY : 3.0 + static_cast<double>(x);
  });
  const Statistics statistics = must(measure(floats, full_scale(kFloat), {}));
  EXPECT_EQ(statistics.ranges[0].min, 5);
  EXPECT_EQ(statistics.ranges[0].max, 6);
  EXPECT_EQ(statistics.histogram[0], 1U);
  EXPECT_EQ(statistics.histogram[255], 1U);

  const Raster clear = make_raster({3, 1}, kGreyAlpha, memory, [](auto x, auto, int c) {
    return c == 0 ? 50 * x : x == 0 ? 0 : 255;
  });
  EXPECT_EQ(must(measure(clear, full_scale(kGreyAlpha), {})).ranges[0].min, 50);
}

TEST(Statistics, WithoutAnyValueTheStatedRangeHolds) {
  Memory memory;
  const Raster empty = make_values({4, 4}, kFloat, memory, [](auto, auto, int) { return NAN; });
  const Statistics statistics = must(measure(empty, {{{-7, 9}}, 0, 1}, {}));
  EXPECT_EQ(statistics.ranges[0].min, -7);
  EXPECT_EQ(statistics.ranges[0].max, 9);
}

TEST(Statistics, TheHistogramOfBytesCountsTheirLuma) {
  Memory memory;
  const Raster grey = make_raster({256, 3}, kGrey, memory, [](auto x, auto, int) { return x; });
  for (const std::uint64_t count : must(measure(grey, full_scale(kGrey), {})).histogram)
    EXPECT_EQ(count, 3U);
  const Raster green =
      make_raster({2, 2}, kRgb, memory, [](auto, auto, int c) { return c == 1 ? 200 : 0; });
  EXPECT_EQ(must(measure(green, full_scale(kRgb), {})).histogram[117], 4U);  // 0.587 * 200
}

}  // namespace
}  // namespace iip::test

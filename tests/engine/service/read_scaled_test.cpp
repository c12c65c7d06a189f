#include "engine/service/read_scaled.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ramp_source.h"

namespace iip {
namespace {

class ReadScaled : public testing::Test {
 protected:
  ReadScaled()
      : file_(File::adopt(UniqueFd(::dup(fileno(std::tmpfile()))))),
        pool_(std::uint64_t{1} << 30U),
        budget_(pool_, std::uint64_t{64} << 20U),
        context_{*file_, budget_, log_} {}

  Raster read(const Source& source, const ScaledPart& part) {
    auto raster = read_scaled(source, context_, part);
    EXPECT_TRUE(raster) << raster.error().detail;
    return std::move(*raster);
  }

  Result<File> file_;
  NoLog log_;
  MemoryPool pool_;
  MemoryBudget budget_;
  ReadContext context_;
};

std::uint8_t wave(std::int64_t x, std::int64_t y) {
  const double value = 127.5 + 60 * std::sin(static_cast<double>(x) * 0.11) +
                       60 * std::cos(static_cast<double>(y) * 0.07);
  return static_cast<std::uint8_t>(std::lround(value));
}

std::uint8_t ramp_across(std::int64_t x, std::int64_t) {
  return static_cast<std::uint8_t>(x * 256 / 20000);
}

TEST_F(ReadScaled, ACopyReadsExactlyItsPixels) {
  const RampSource source({{500, 400}}, {256, 256}, wave);
  const Raster raster = read(source, {0, {100, 50, 30, 20}, {30, 20}});
  EXPECT_EQ(source.pixels_read(), 600);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 30; ++x) {
      EXPECT_EQ(raster.samples<std::uint8_t>(y)[static_cast<std::size_t>(x)],
                wave(100 + x, 50 + y));
    }
  }
}

TEST_F(ReadScaled, ReadsNothingOfWhatTakesTooMuch) {
  const RampSource source({{40000, 40000}}, {256, 256}, wave);
  EffortLimit effort;
  context_.effort = &effort;
  const auto refused = read_scaled(source, context_, {0, {0, 0, 40000, 40000}, {100, 100}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_EQ(source.pixels_read(), 0);
}

// Parts that are scaled one by one must be the same as the whole scaled at once.
TEST_F(ReadScaled, PartsMeetWithoutASeam) {
  const RampSource source({{600, 400}}, {256, 256}, wave);
  for (const Interpolation filter :
       {Interpolation::bilinear, Interpolation::bicubic, Interpolation::lanczos}) {
    const Raster whole = read(source, {0, {0, 0, 600, 400}, {300, 200}, filter});
    for (int tile = 0; tile < 3; ++tile) {
      const Raster part = read(source, {0, {tile * 200.0, 0, 200, 400}, {100, 200}, filter});
      for (int y = 0; y < 200; ++y) {
        for (int x = 0; x < 100; ++x) {
          const int expected =
              whole.samples<std::uint8_t>(y)[static_cast<std::size_t>(tile * 100 + x)];
          const int found = part.samples<std::uint8_t>(y)[static_cast<std::size_t>(x)];
          ASSERT_NEAR(found, expected, 1) << "tile " << tile << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST_F(ReadScaled, EnlargingReadsOnlyWhatTheFilterReaches) {
  const RampSource source({{100000, 100000}}, {256, 256}, wave);
  (void)read(source, {0, {5000, 5000, 50, 50}, {200, 200}});
  EXPECT_LE(source.pixels_read(), 60 * 60);
}

// 400 million pixels become 200x200: 400 MB would not fit the budget of 64 MB.
TEST_F(ReadScaled, AHugePartIsAveragedBandByBand) {
  const RampSource source({{20000, 20000}}, {256, 256}, ramp_across);
  const Raster raster = read(source, {0, {0, 0, 20000, 20000}, {200, 200}});
  EXPECT_EQ(source.pixels_read(), std::int64_t{20000} * 20000) << "each pixel is read once";
  for (const int y : {0, 99, 199}) {
    for (int x = 0; x < 200; ++x) {
      const double centre = (x + 0.5) * 100 * 256 / 20000 - 0.5;
      EXPECT_NEAR(raster.samples<std::uint8_t>(y)[static_cast<std::size_t>(x)], centre, 1.5);
    }
  }
}

TEST_F(ReadScaled, BandsMayStartAndEndAnywhere) {
  const RampSource source({{20000, 9973}}, {240, 112}, ramp_across);
  const Raster raster = read(source, {0, {1000.25, 11.5, 18000, 9000}, {180, 90}});
  for (const int y : {0, 89}) {
    for (int x = 0; x < 180; ++x) {
      const double centre = (1000.25 + (x + 0.5) * 100) * 256 / 20000 - 0.5;
      EXPECT_NEAR(raster.samples<std::uint8_t>(y)[static_cast<std::size_t>(x)], centre, 1.5);
    }
  }
}

TEST_F(ReadScaled, APartThatCanNotFitIsRefusedBeforeItIsRead) {
  const RampSource source({{20000, 20000}}, {256, 256}, ramp_across);
  auto raster = read_scaled(source, context_, {0, {0, 0, 20000, 20000}, {20000, 20000}});
  ASSERT_FALSE(raster);
  EXPECT_EQ(raster.error().kind, ErrorKind::too_large);
  EXPECT_EQ(source.pixels_read(), 0);
  EXPECT_EQ(pool_.used(), 0U);
}

}  // namespace
}  // namespace iip

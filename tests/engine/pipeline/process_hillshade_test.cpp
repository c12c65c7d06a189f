#include <cmath>

#include "process_fixture.h"

namespace iip::test {
namespace {

TEST_F(Process, GreyHeightsAreShadedByTheirSlope) {
  const PixelFormat format{SampleType::f32, ColourModel::grey, false};
  Processing processing;
  for (const auto& [azimuth, elevation] : {std::pair{0.0, 45.0}, {315.0, 45.0}, {90.0, 20.0}}) {
    processing.hillshade = Hillshade{azimuth, elevation};
    // A plane that rises to the east by 0.3 and to the south by 0.7, spaced 2 by 4: everywhere,
    // at the edges as well, n = (-0.3, 0.7, 1) / |n| with y to the north.
    const Raster plane = must(process(
        make_values({12, 9}, format, memory,
                    [](std::int64_t x, std::int64_t y, int) {
                      return 0.3 * 2 * static_cast<double>(x) + 0.7 * 4 * static_cast<double>(y) +
                             1000;
                    }),
        {0, 0, 12, 9}, {processing, full_scale(format), nullptr, 32, {2, 4}}, memory.allowance));
    const double a = azimuth * M_PI / 180;
    const double e = elevation * M_PI / 180;
    const double shade = std::max(
        0.0, (-0.3 * std::cos(e) * std::sin(a) + 0.7 * std::cos(e) * std::cos(a) + std::sin(e)) /
                 std::sqrt(1 + 0.3 * 0.3 + 0.7 * 0.7));
    for (std::int64_t y = 0; y < 9; ++y) {
      for (std::int64_t x = 0; x < 12; ++x) ASSERT_NEAR(value(plane, x, y), shade, 2e-4);
    }
    // A paraboloid, whose central differences are its derivatives.
    const Raster bowl = must(process(
        make_values({41, 41}, format, memory,
                    [](std::int64_t x, std::int64_t y, int) {
                      return 0.05 * static_cast<double>((x - 20) * (x - 20) + (y - 20) * (y - 20));
                    }),
        {0, 0, 41, 41}, {processing, full_scale(format), nullptr, 32}, memory.allowance));
    for (std::int64_t y = 1; y < 40; ++y) {
      for (std::int64_t x = 1; x < 40; ++x) {
        const double p = 0.1 * static_cast<double>(x - 20);
        const double q = -0.1 * static_cast<double>(y - 20);  // to the north
        const double lit =
            (-p * std::cos(e) * std::sin(a) - q * std::cos(e) * std::cos(a) + std::sin(e)) /
            std::sqrt(1 + p * p + q * q);
        ASSERT_NEAR(value(bowl, x, y), std::clamp(lit, 0.0, 1.0), 1e-5) << x << ' ' << y;
      }
    }
  }
}

TEST_F(Process, HillshadingIsWhatNumpyMakesOfIt) {
  Processing processing;
  processing.hillshade = Hillshade{230, 40};
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    for (const PixelFormat& format :
         {PixelFormat{type, ColourModel::grey, false}, PixelFormat{type, ColourModel::grey, true},
          PixelFormat{type, ColourModel::rgb, false}}) {
      std::vector<ProcessingJob> jobs;
      for (const int bits : {8, 16, 32}) {
        jobs.push_back({processing, scale_for(format), nullptr, bits, {20, 30}});
      }
      compare(noisy(format), jobs, std::vector<std::string>(3, name_of(type)));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(Process, AHoleInTheHeightsIsBlackAndSpreadsNoFurther) {
  const PixelFormat format{SampleType::f32, ColourModel::grey, false};
  Processing processing;
  processing.hillshade = Hillshade{315, 30};
  const Raster output =
      must(process(make_values({5, 5}, format, memory,
                               [](auto x, auto y, int) { return x == 2 && y == 2 ? NAN : 7.0; }),
                   {0, 0, 5, 5}, {processing, full_scale(format)}, memory.allowance));
  for (std::int64_t y = 0; y < 5; ++y) {
    for (std::int64_t x = 0; x < 5; ++x) {
      EXPECT_EQ(value(output, x, y), x == 2 && y == 2 ? 0 : 128) << x << ' ' << y;
    }
  }
}

}  // namespace
}  // namespace iip::test

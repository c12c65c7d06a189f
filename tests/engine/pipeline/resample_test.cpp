#include <cmath>

#include "engine/pipeline/stages.h"
#include "oracle.h"

namespace iip::test {
namespace {

constexpr Interpolation kFilters[] = {Interpolation::bilinear, Interpolation::bicubic,
                                      Interpolation::lanczos};

RectF whole(const Size& size) {
  return {0, 0, static_cast<double>(size.width), static_cast<double>(size.height)};
}

struct Resample : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster scale(Raster input, const RectF& source, const Size& size, Interpolation interpolation) {
    return must(resample(std::move(input), source, size, interpolation, memory.allowance));
  }
  Raster grey_ramp(const Size& size, double slope) {
    return make_raster(size, kGrey, memory, [&](auto x, auto, int) {
      return std::lround(static_cast<double>(x) * slope);
    });
  }
};

TEST_F(Resample, SameSizeGivesTheSameRaster) {
  Raster input =
      make_raster({7, 5}, kRgb, memory, [](auto x, auto y, int c) { return x * 30 + y * 3 + c; });
  const auto before = packed(input);
  const std::uint8_t* pixels = input.row(0);
  const Raster output = scale(std::move(input), whole({7, 5}), {7, 5}, Interpolation::bicubic);
  EXPECT_EQ(packed(output), before);
  EXPECT_EQ(output.row(0), pixels);
}

TEST_F(Resample, WholePixelPartIsCopied) {
  const auto value = [](auto x, auto y, int c) { return x * 7 + y * 11 + c; };
  const Raster output = scale(make_raster({20, 10}, kRgba, memory, value), {3, 2, 9, 6}, {9, 6},
                              Interpolation::lanczos);
  const Raster expected = make_raster(
      {9, 6}, kRgba, memory, [&](auto x, auto y, int c) { return value(x + 3, y + 2, c); });
  EXPECT_EQ(packed(output), packed(expected));
}

TEST_F(Resample, ConstantStaysConstantUpToTheEdges) {
  for (const Interpolation interpolation : kFilters) {
    for (const PixelFormat& format : {kGrey, kGreyAlpha, kRgb, kRgba}) {
      for (const Size& size : {Size{1, 1}, Size{3, 100}, Size{37, 29}, Size{200, 130}}) {
        const auto value = [&](auto, auto, int c) {
          return format.alpha && c == format.channels() - 1 ? 201 : 100 + 37 * c;
        };
        const Raster output = scale(make_raster({61, 47}, format, memory, value),
                                    {2.25, 3.5, 50.5, 41.75}, size, interpolation);
        const Raster expected = make_raster(size, format, memory, value);
        ASSERT_EQ(packed(output), packed(expected))
            << static_cast<int>(interpolation) << ' ' << format.channels() << ' ' << size.width;
      }
    }
  }
}

// A filter that is symmetric about the pixel's centre and adds up to one maps a linear ramp to
// itself. Output pixel X is centred at (X + 0.5) * ratio - 0.5 of the input.
TEST_F(Resample, RampStaysInPlaceAtEveryRatio) {
  for (const Interpolation interpolation : kFilters) {
    for (const double ratio : {0.25, 0.5, 1.5, 2.0, 3.2, 8.0, 15.0, 20.0, 40.0}) {
      const Size size{640, 4};
      const double slope = 255.0 / 639;
      const Size to{std::llround(640 / ratio), 4};
      const double exact_ratio = 640.0 / static_cast<double>(to.width);
      const Raster output = scale(grey_ramp(size, slope), whole(size), to, interpolation);
      // Near the edges the filter meets the border.
      const auto margin = static_cast<std::int64_t>(std::ceil(3 * std::max(1.0, 1 / ratio))) + 1;
      double sum = 0;
      std::int64_t count = 0;
      for (std::int64_t x = margin; x < to.width - margin; ++x, ++count) {
        const double centre = (static_cast<double>(x) + 0.5) * exact_ratio - 0.5;
        EXPECT_NEAR(sample(output, x, 2), centre * slope, 1.25) << ratio << " at " << x;
        sum += sample(output, x, 2) - centre * slope;
      }
      ASSERT_GT(count, 0);
      // A shift by half an input pixel would show as 0.2 at the least.
      EXPECT_NEAR(sum / static_cast<double>(count), 0, 0.15) << ratio;
    }
  }
}

TEST_F(Resample, HalfSizeBilinearIsTheWeightedMeanAroundTheCentre) {
  // The triangle of radius 2 about the middle of two pixels weighs four of them 1 : 3 : 3 : 1.
  Raster impulse =
      make_raster({32, 1}, kGrey, memory, [](auto x, auto, int) { return x == 16 ? 240 : 0; });
  const Raster output = scale(std::move(impulse), whole({32, 1}), {16, 1}, Interpolation::bilinear);
  for (std::int64_t x = 0; x < 16; ++x) {
    EXPECT_EQ(sample(output, x, 0), x == 8 ? 90 : x == 7 ? 30 : 0) << x;
  }
}

TEST_F(Resample, MirroredInputGivesMirroredOutput) {
  const auto value = [](auto x, auto y, int c) { return (x * x * 13 + y * 29 + c * 71) % 256; };
  for (const Interpolation interpolation : kFilters) {
    for (const Size& to : {Size{13, 9}, Size{100, 83}, Size{3, 2}, Size{1, 1}}) {
      const Raster straight =
          scale(make_raster({57, 41}, kRgb, memory, value), whole({57, 41}), to, interpolation);
      const Raster mirrored =
          scale(make_raster({57, 41}, kRgb, memory,
                            [&](auto x, auto y, int c) { return value(56 - x, 40 - y, c); }),
                whole({57, 41}), to, interpolation);
      for (std::int64_t y = 0; y < to.height; ++y) {
        for (std::int64_t x = 0; x < to.width; ++x) {
          for (int c = 0; c < 3; ++c) {
            // Rounded taps may differ in their last place, and the cells of the coarse first half
            // of a strong reduction are counted from the top left.
            ASSERT_NEAR(sample(straight, x, y, c),
                        sample(mirrored, to.width - 1 - x, to.height - 1 - y, c),
                        to.width <= 3 ? 4 : 1);
          }
        }
      }
    }
  }
}

TEST_F(Resample, ShrinkingCoversTheWholeArea) {
  // Stripes of one pixel vanish into their mean; sampling points would give stripes again.
  const Size size{3000, 700};
  for (const Interpolation interpolation : kFilters) {
    for (const Size& to : {Size{500, 100}, Size{77, 20}, Size{10, 3}, Size{1, 1}}) {
      const Raster output =
          scale(make_raster(size, kGrey, memory, [](auto x, auto, int) { return x % 2 * 200; }),
                whole(size), to, interpolation);
      for (std::int64_t y = 0; y < to.height; ++y) {
        for (std::int64_t x = 0; x < to.width; ++x) {
          // Where the mirrored picture begins, two stripes of one value meet.
          const bool at_edge = x == 0 || x == to.width - 1;
          ASSERT_NEAR(sample(output, x, y), 100, at_edge ? 10 : 2) << to.width << ": " << x;
        }
      }
    }
  }
}

TEST_F(Resample, ExtremeShapes) {
  struct Case {
    Size from, to;
  };
  for (const Interpolation interpolation : kFilters) {
    for (const Case& c :
         {Case{{1, 1}, {300, 200}}, Case{{1, 5000}, {1, 1}}, Case{{5000, 1}, {1, 1}},
          Case{{1, 5000}, {7, 40}}, Case{{20000, 10}, {3, 1}}, Case{{2, 2}, {1, 500}},
          Case{{70000, 1}, {2, 3}}, Case{{5, 3}, {4, 3}}}) {
      const Raster output = scale(
          make_raster(c.from, kRgb, memory, [](auto, auto, int channel) { return 90 + channel; }),
          whole(c.from), c.to, interpolation);
      ASSERT_EQ(output.size(), c.to);
      const Raster expected =
          make_raster(c.to, kRgb, memory, [](auto, auto, int channel) { return 90 + channel; });
      ASSERT_EQ(packed(output), packed(expected)) << c.from.width << 'x' << c.from.height;
    }
  }
}

TEST_F(Resample, LongColumnShrinksToItsMean) {
  // A ramp over 5000 lines has its mean in the middle, whatever the symmetric filter.
  Raster column = make_raster({1, 5000}, kGrey, memory, [](auto, auto y, int) { return y / 20; });
  const Raster output = scale(std::move(column), whole({1, 5000}), {1, 1}, Interpolation::bicubic);
  EXPECT_NEAR(sample(output, 0, 0), 124.5, 1);
}

TEST_F(Resample, EdgesKeepTheirValue) {
  // An enlarged edge keeps its value out to the last pixel and bleeds nothing in.
  Raster step =
      make_raster({8, 8}, kGrey, memory, [](auto x, auto, int) { return x < 4 ? 40 : 220; });
  const Raster output = scale(std::move(step), whole({8, 8}), {80, 80}, Interpolation::bicubic);
  for (std::int64_t y = 0; y < 80; ++y) {
    for (std::int64_t x = 0; x < 12; ++x) {
      ASSERT_EQ(sample(output, x, y), 40);
      ASSERT_EQ(sample(output, 79 - x, y), 220);
    }
  }
}

TEST_F(Resample, TransparentPixelsDoNotBleed) {
  // White, opaque on the left; green, invisible on the right. No green may appear.
  for (const Interpolation interpolation : kFilters) {
    for (const Size& to : {Size{9, 9}, Size{150, 150}, Size{2, 1}}) {
      Raster input = make_raster({64, 64}, kRgba, memory, [](auto x, auto, int c) {
        return x < 32 ? 255 : c == 1 ? 255 : 0;
      });
      const Raster output = scale(std::move(input), whole({64, 64}), to, interpolation);
      for (std::int64_t y = 0; y < to.height; ++y) {
        for (std::int64_t x = 0; x < to.width; ++x) {
          if (sample(output, x, y, 3) > 2) {
            ASSERT_GE(sample(output, x, y, 0), 253) << to.width << ": " << x;
          }
        }
      }
      EXPECT_NEAR(sample(output, 0, 0, 3), 255, to.width == 2 ? 40 : 0);
      EXPECT_NEAR(sample(output, to.width - 1, 0, 3), 0, to.width == 2 ? 40 : 0);
    }
  }
}

TEST_F(Resample, NearestTakesThePixelBelowTheCentre) {
  const Raster twice = scale(
      make_raster({5, 4}, kRgb, memory, [](auto x, auto y, int c) { return x * 40 + y * 9 + c; }),
      whole({5, 4}), {10, 8}, Interpolation::nearest);
  for (std::int64_t y = 0; y < 8; ++y) {
    for (std::int64_t x = 0; x < 10; ++x) {
      ASSERT_EQ(sample(twice, x, y, 1), x / 2 * 40 + y / 2 * 9 + 1);
    }
  }
  // A third: the middle one of each three.
  const Raster third =
      scale(make_raster({9, 3}, kGrey, memory, [](auto x, auto, int) { return x * 10; }),
            whole({9, 3}), {3, 1}, Interpolation::nearest);
  EXPECT_EQ(packed(third), (std::vector<std::uint8_t>{10, 40, 70}));
}

struct Shrink {
  const char* filter;
  Interpolation interpolation;
  RectF source;
  Size to;
};

// Pillow has the same kernels (Catmull-Rom, three lobes), but cuts them off at the picture's edge
// where we go on with its mirror image: there a margin is left out. It also rounds to 8 bits
// between its two passes, which shows where Lanczos overshoots.
TEST_F(Resample, PhotographAgreesWithPillow) {
  Raster photo = oracle.photo("coffee.jpg");
  const auto pixels = packed(photo);
  const Size size = photo.size();
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  const Shrink cases[] = {
      {"bicubic", Interpolation::bicubic, {0, 0, width, height}, {153, 121}},
      {"lanczos", Interpolation::lanczos, {0, 0, width, height}, {200, 201}},
      {"bilinear", Interpolation::bilinear, {0, 0, width, height}, {97, 60}},
      {"bicubic", Interpolation::bicubic, {40.25, 33.75, 301.5, 222.125}, {130, 90}},
      {"lanczos", Interpolation::lanczos, {100, 100, 64, 48}, {256, 192}},
      {"bicubic", Interpolation::bicubic, {0, 0, width, height}, {24, 20}},
  };
  for (const Shrink& c : cases) {
    const Raster expected =
        oracle.transformed("resize", photo,
                           {c.filter, std::to_string(c.source.x), std::to_string(c.source.y),
                            std::to_string(c.source.width), std::to_string(c.source.height),
                            std::to_string(c.to.width), std::to_string(c.to.height)},
                           c.to, kRgb);
    const Raster output =
        scale(unpacked(pixels, size, kRgb, memory), c.source, c.to, c.interpolation);
    const Difference found = difference(output, expected, 4);
    // The coarse first half of strong reductions is a box, not the tail of the kernel.
    const bool coarse = c.source.width / static_cast<double>(c.to.width) > 16;
    EXPECT_LE(found.mean, coarse ? 1.5 : 0.35) << c.filter << ' ' << c.to.width;
    EXPECT_LE(found.largest, coarse ? 16 : 8) << c.filter << ' ' << c.to.width;
  }
}

TEST_F(Resample, AllMemoryIsCountedAndGivenBack) {
  Raster input = make_raster({400, 300}, kRgba, memory, [](auto, auto, int) { return 9; });
  MemoryBudget small(memory.pool, 4096);
  const auto refused =
      resample(std::move(input), whole({400, 300}), {200, 150}, Interpolation::bicubic, {small});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_EQ(small.used(), 0U);
  EXPECT_EQ(memory.pool.used(), 0U);
}

TEST_F(Resample, RejectsWhatIsNotWithinTheRaster) {
  for (const RectF& source : {RectF{0, 0, 11, 10}, RectF{-0.5, 0, 5, 5}, RectF{0, 0, 0, 5},
                              RectF{NAN, 0, 5, 5}, RectF{0, 0, NAN, 5}}) {
    Raster input = make_raster({10, 10}, kGrey, memory, [](auto, auto, int) { return 0; });
    const auto refused =
        resample(std::move(input), source, {5, 5}, Interpolation::bicubic, memory.allowance);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::internal);
  }
}

}  // namespace
}  // namespace iip::test

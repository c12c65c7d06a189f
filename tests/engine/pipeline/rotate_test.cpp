#include <cmath>

#include "engine/image/rotated_size.h"
#include "engine/pipeline/stages.h"
#include "oracle.h"

namespace iip::test {
namespace {

struct Rotate : ::testing::Test {
  Memory memory;
  Raster turned(Raster input, double degrees, bool with_alpha) {
    return must(rotate(std::move(input), degrees, with_alpha, memory.allowance));
  }
};

TEST_F(Rotate, SizeIsTheTightBox) {
  EXPECT_EQ(rotated_size({100, 50}, 90), (Size{50, 100}));
  EXPECT_EQ(rotated_size({100, 50}, 180), (Size{100, 50}));
  EXPECT_EQ(rotated_size({100, 50}, 270), (Size{50, 100}));
  EXPECT_EQ(rotated_size({100, 50}, 30), (Size{112, 93}));  // 86.60 + 25, 50 + 43.30
  EXPECT_EQ(rotated_size({100, 50}, 150), (Size{112, 93}));
  EXPECT_EQ(rotated_size({100, 50}, 45), (Size{106, 106}));  // 150 / sqrt 2
  EXPECT_EQ(rotated_size({1, 1}, 45), (Size{1, 1}));
}

TEST_F(Rotate, QuarterTurnsAreExact) {
  const auto value = [](auto x, auto y, int c) { return (x * 5 + y * 17 + c * 90) % 256; };
  for (const double degrees : {0.0, 90.0, 180.0, 270.0, 360.0, 450.0, -90.0}) {
    const Raster output = turned(make_raster({33, 20}, kRgb, memory, value), degrees, true);
    const Raster expected = must(mirror_and_turn(make_raster({33, 20}, kRgb, memory, value), false,
                                                 static_cast<int>(degrees / 90), memory.allowance));
    EXPECT_EQ(output.format(), expected.format());
    EXPECT_EQ(packed(output), packed(expected)) << degrees;
  }
}

TEST_F(Rotate, TurnsClockwise) {
  // A mark right of the centre goes down: by 45 degrees, to the lower right.
  Raster input = make_raster({101, 101}, kGrey, memory, [](auto x, auto y, int) {
    return x > 85 && x < 95 && y > 45 && y < 55 ? 0 : 255;
  });
  const Raster output = turned(std::move(input), 45, false);
  const double reach = 40 / std::sqrt(2);
  const auto centre = static_cast<double>(output.size().width) / 2;
  const auto at = static_cast<std::int64_t>(centre + reach);
  EXPECT_EQ(sample(output, at, at), 0);
  EXPECT_EQ(sample(output, output.size().width - 1 - at, at), 255);
}

TEST_F(Rotate, PhotographAgreesWithPillow) {
  Oracle oracle(memory);
  Raster photo = oracle.photo("chelsea.jpg");
  const auto pixels = packed(photo);
  for (const double degrees : {30.0, 77.5, 200.0, 315.0}) {
    const Size size = rotated_size(photo.size(), degrees);
    const Raster expected = oracle.transformed(
        "rotate", photo,
        {std::to_string(degrees), std::to_string(size.width), std::to_string(size.height)}, size,
        kRgb);
    const Raster output = turned(unpacked(pixels, photo.size(), kRgb, memory), degrees, true);
    double sum = 0;
    double count = 0;
    for (std::int64_t y = 0; y < size.height; ++y) {
      for (std::int64_t x = 0; x < size.width; ++x) {
        const std::uint8_t* pixel = output.row(y) + 4 * x;
        if (pixel[3] < 255) continue;  // at and beyond the edge Pillow does not blend
        for (int c = 0; c < 3; ++c) {
          const int distance = std::abs(pixel[c] - sample(expected, x, y, c));
          ASSERT_LE(distance, 4) << degrees << " at " << x << ',' << y;
          sum += distance;
          ++count;
        }
      }
    }
    EXPECT_GT(count, 0.95 * 3 * static_cast<double>(photo.size().area()));
    EXPECT_LE(sum / count, 0.6) << degrees;
  }
}

TEST_F(Rotate, CornersAreTransparentOrWhite) {
  const auto blue = [](auto, auto, int c) { return c == 2 ? 200 : 10; };
  const Raster clear = turned(make_raster({80, 60}, kRgb, memory, blue), 30, true);
  const Raster white = turned(make_raster({80, 60}, kRgb, memory, blue), 30, false);
  ASSERT_EQ(clear.format(), kRgba);
  ASSERT_EQ(white.format(), kRgb);
  const Size size = clear.size();
  double opacity = 0;
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::int64_t x = 0; x < size.width; ++x) {
      const int alpha = sample(clear, x, y, 3);
      opacity += alpha / 255.0;
      if (alpha > 0) {
        // The colour does not darken towards the edge.
        ASSERT_NEAR(sample(clear, x, y, 2), 200, alpha < 8 ? 32 : 1);
      }
      // On white: the same, mixed with white.
      ASSERT_NEAR(sample(white, x, y, 0), (10 * alpha + 255 * (255 - alpha)) / 255.0, 1.6);
    }
  }
  for (const std::int64_t x : {std::int64_t{0}, size.width - 1}) {
    for (const std::int64_t y : {std::int64_t{0}, size.height - 1}) {
      EXPECT_EQ(sample(clear, x, y, 3), 0);
      EXPECT_EQ(sample(white, x, y, 0), 255);
    }
  }
  // The smoothed edge neither gains nor loses area.
  EXPECT_NEAR(opacity, 80 * 60, 0.005 * 80 * 60);
}

TEST_F(Rotate, AlphaOfTheInputIsKeptOrFlattened) {
  const auto value = [](auto, auto, int c) { return c == 1 ? 100 : 60; };  // grey 60, alpha 100
  const Raster kept = turned(make_raster({50, 50}, kGreyAlpha, memory, value), 10, true);
  ASSERT_EQ(kept.format(), kGreyAlpha);
  EXPECT_EQ(sample(kept, kept.size().width / 2, kept.size().height / 2, 0), 60);
  EXPECT_EQ(sample(kept, kept.size().width / 2, kept.size().height / 2, 1), 100);
  const Raster flat = turned(make_raster({50, 50}, kGreyAlpha, memory, value), 10, false);
  ASSERT_EQ(flat.format(), kGrey);
  // 60 * 100/255 + 255 * 155/255 = 178.5
  EXPECT_NEAR(sample(flat, flat.size().width / 2, flat.size().height / 2), 178.5, 0.5);
}

TEST_F(Rotate, ThinAndTinyPictures) {
  for (const Size& size : {Size{1, 1}, Size{1, 500}, Size{500, 1}, Size{2, 2}}) {
    for (const double degrees : {0.001, 45.0, 89.999, 123.4}) {
      const Raster output =
          turned(make_raster(size, kRgb, memory, [](auto, auto, int) { return 0; }), degrees, true);
      EXPECT_EQ(output.size(), rotated_size(size, degrees));
    }
  }
}

TEST_F(Rotate, RefusesWhatIsNoNumber) {
  for (const double degrees : {std::nan(""), HUGE_VAL}) {
    Raster input = make_raster({4, 4}, kGrey, memory, [](auto, auto, int) { return 0; });
    EXPECT_FALSE(rotate(std::move(input), degrees, false, memory.allowance));
  }
}

}  // namespace
}  // namespace iip::test

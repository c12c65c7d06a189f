#include "engine/pipeline/colour/colour_shaper.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace iip::test {
namespace {

// Gamma 2.2 and 1.8, and a straight line with a corner; sums of the three, some of them beyond
// 0..1.
double curve(std::size_t channel, double v) {
  return channel == 0   ? std::pow(v, 2.2)
         : channel == 1 ? std::pow(v, 1.8)
                        : std::max(v, 2 * v - 0.5);
}
constexpr double kMatrix[3][3] = {{1.2, -0.3, 0.1}, {-0.05, 1.0, 0.05}, {0.02, 0.2, 0.7}};
constexpr double kBlack = 0.002;

double linear(std::size_t k, const std::array<double, 3>& colour) {
  double sum = kBlack;
  for (std::size_t j = 0; j < 3; ++j) sum += kMatrix[k][j] * curve(j, colour[j]);
  return sum;
}

double srgb(double linear) {
  const double cut = std::clamp(linear, 0.0, 1.0);
  return cut <= 0.0031308 ? 12.92 * cut : 1.055 * std::pow(cut, 1 / 2.4) - 0.055;
}

void curves_and_matrix(std::span<const float> colours, std::span<float> light) {
  for (std::size_t i = 0; i < colours.size(); i += 3) {
    const std::array<double, 3> colour = {colours[i], colours[i + 1], colours[i + 2]};
    for (std::size_t k = 0; k < 3; ++k) light[i + k] = static_cast<float>(linear(k, colour));
  }
}

// Every 16-bit value on its way through the cube, and a fourth channel that is left alone.
TEST(ColourShaper, CurvesAndAMatrixAreFollowedToATwentiethOfAGrey) {
  const auto shaper = ColourShaper::find(3, curves_and_matrix);
  ASSERT_TRUE(shaper);
  std::vector<std::uint16_t> pixels;
  for (std::uint32_t v = 0; v < 65536; ++v) {
    for (const std::uint32_t channel : {v, v * 7 % 65536, 65535 - v, 1234U}) {
      pixels.push_back(static_cast<std::uint16_t>(channel));
    }
  }
  const auto before = pixels;
  shaper->convert(pixels.data(), 65536, 4, 65535);
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const std::array<double, 3> colour = {before[i] / 65535.0, before[i + 1] / 65535.0,
                                          before[i + 2] / 65535.0};
    for (std::size_t k = 0; k < 3; ++k) {
      ASSERT_NEAR(pixels[i + k] / 257.0, 255 * srgb(linear(k, colour)), 0.05) << i / 4;
    }
    ASSERT_EQ(pixels[i + 3], 1234);
  }
}

TEST(ColourShaper, BytesAreRounded) {
  const auto shaper = ColourShaper::find(3, curves_and_matrix);
  ASSERT_TRUE(shaper);
  for (int v = 0; v < 256; ++v) {
    std::array<std::uint8_t, 3> pixel = {static_cast<std::uint8_t>(v),
                                         static_cast<std::uint8_t>(v * 3), 77};
    const std::array<double, 3> colour = {v / 255.0, v * 3 % 256 / 255.0, 77 / 255.0};
    shaper->convert(pixel.data(), 1, 3, 255);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(pixel[k], 255 * srgb(linear(k, colour)), 0.55) << v;
    }
  }
}

TEST(ColourShaper, GreysOfAnyDepth) {
  const auto shaper = ColourShaper::find(1, [](std::span<const float> v, std::span<float> light) {
    for (std::size_t i = 0; i < v.size(); ++i) light[i] = v[i] * v[i];
  });
  ASSERT_TRUE(shaper);
  for (int v = 0; v < 4096; ++v) {
    std::array<std::uint16_t, 2> pixel = {static_cast<std::uint16_t>(v), 99};
    shaper->convert(pixel.data(), 1, 2, 4095);
    EXPECT_NEAR(pixel[0], 4095 * srgb(std::pow(v / 4095.0, 2)), 0.5 + 0.05 * 16) << v;
    EXPECT_EQ(pixel[1], 99);
  }
}

// What is above `full`, which a file may hold, is white.
TEST(ColourShaper, SamplesBeyondTheRangeAreHeld) {
  const auto shaper = ColourShaper::find(1, [](std::span<const float> v, std::span<float> light) {
    std::copy(v.begin(), v.end(), light.begin());
  });
  ASSERT_TRUE(shaper);
  std::array<std::uint16_t, 2> pixels = {4095, 65535};
  shaper->convert(pixels.data(), 2, 1, 4095);
  EXPECT_EQ(pixels[0], 4095);
  EXPECT_EQ(pixels[1], 4095);
}

TEST(ColourShaper, WhatIsNoCurvesAndMatrixIsNotTakenForIt) {
  const auto changed = [](auto change) {
    return ColourShaper::find(3, [&](std::span<const float> colours, std::span<float> light) {
      curves_and_matrix(colours, light);
      for (std::size_t i = 0; i < colours.size(); i += 3) {
        change(colours.subspan(i, 3), light.subspan(i, 3));
      }
    });
  };
  EXPECT_TRUE(changed([](auto, auto) {}));
  EXPECT_FALSE(changed([](auto colour, auto light) { light[0] += 0.01F * colour[1] * colour[2]; }));
  EXPECT_FALSE(changed([](auto, auto light) { light[1] = std::min(light[1], 0.5F); }));
  EXPECT_FALSE(changed([](auto colour, auto light) {
    if (colour[0] > 0.4F) light[2] = std::numeric_limits<float>::quiet_NaN();
  }));
  EXPECT_FALSE(changed([](auto, auto light) { light[0] = light[1] = light[2] = 0.3F; }));
}

}  // namespace
}  // namespace iip::test

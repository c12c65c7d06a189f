#include "engine/pipeline/colour/colour_shaper.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace iip {

namespace {

double srgb_of(double linear) {
  if (!(linear > 0)) return 0;
  if (linear >= 1) return 1;
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}

// Colours all over the cube, among them its corners.
std::vector<float> colours_to_try(std::size_t channels) {
  constexpr std::uint32_t kSides = 11;
  std::vector<float> colours;
  for (std::uint32_t place = 0; place < kSides * kSides * kSides; ++place) {
    std::uint32_t rest = place;
    for (std::size_t c = 0; c < channels; ++c, rest /= kSides) {
      colours.push_back(static_cast<float>(rest % kSides) / (kSides - 1));
    }
  }
  return colours;
}

}  // namespace

std::optional<ColourShaper> ColourShaper::find(std::size_t channels, const Conversion& conversion) {
  constexpr float kLeastLight = 1e-4F;
  ColourShaper shaper;
  shaper.curves_.assign(channels, Table(kCurveSteps + 2));
  // Each channel on its way from 0 to 1 while the others are 0.
  std::vector<float> ramp((kCurveSteps + 1) * channels);
  std::vector<float> linear(ramp.size());
  for (std::size_t j = 0; j < channels; ++j) {
    std::fill(ramp.begin(), ramp.end(), 0.0F);
    for (std::size_t i = 0; i <= kCurveSteps; ++i) {
      ramp[i * channels + j] = static_cast<float>(i) / kCurveSteps;
    }
    conversion(ramp, linear);
    const float* black = linear.data();
    const float* full = linear.data() + kCurveSteps * channels;
    std::size_t brightest = 0;
    for (std::size_t k = 0; k < channels; ++k) {
      shaper.offset_[k] = black[k];
      shaper.matrix_[k][j] = full[k] - black[k];
      if (std::abs(shaper.matrix_[k][j]) > std::abs(shaper.matrix_[brightest][j])) brightest = k;
    }
    const float light = shaper.matrix_[brightest][j];
    if (!(std::abs(light) > kLeastLight)) return std::nullopt;
    for (std::size_t i = 0; i <= kCurveSteps; ++i) {
      shaper.curves_[j][i] = (linear[i * channels + brightest] - black[brightest]) / light;
    }
    shaper.curves_[j].back() = shaper.curves_[j][kCurveSteps];
  }
  if (!shaper.describes(conversion)) return std::nullopt;
  shaper.srgb_ = srgb_table();
  return shaper;
}

std::size_t ColourShaper::bytes() const {
  return sizeof(*this) + (channels() * (kCurveSteps + 2) + kSrgbSteps + 2) * sizeof(float);
}

bool ColourShaper::describes(const Conversion& conversion) const {
  constexpr double kAllowed = 0.05 / 255;
  const std::vector<float> colours = colours_to_try(channels());
  std::vector<float> linear(colours.size());
  conversion(colours, linear);
  return std::ranges::equal(linear_of(colours), linear, [&](float ours, float theirs) {
    return std::isfinite(theirs) && std::abs(srgb_of(static_cast<double>(ours)) -
                                             srgb_of(static_cast<double>(theirs))) <= kAllowed;
  });
}

std::vector<float> ColourShaper::linear_of(std::span<const float> colours) const {
  std::vector<float> linear(colours.size());
  for (std::size_t i = 0; i < colours.size(); i += channels()) {
    for (std::size_t k = 0; k < channels(); ++k) {
      float sum = offset_[k];
      for (std::size_t j = 0; j < channels(); ++j) {
        sum += matrix_[k][j] * at(curves_[j].data(), colours[i + j] * kCurveSteps, kCurveSteps);
      }
      linear[i + k] = sum;
    }
  }
  return linear;
}

ColourShaper::Table ColourShaper::srgb_table() {
  Table table(kSrgbSteps + 2, 1.0F);
  for (std::size_t i = 0; i <= kSrgbSteps; ++i) {
    table[i] = static_cast<float>(srgb_of(static_cast<double>(i) / kSrgbSteps));
  }
  return table;
}

}  // namespace iip

#include "engine/pipeline/tone.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace iip {

namespace {

float exponent(double gamma) {
  if (std::isnan(gamma)) return 1;
  return static_cast<float>(std::clamp<double>(gamma, -FLT_MAX, FLT_MAX));
}

}  // namespace

Tone::Tone(const Processing& processing)
    : gamma_(exponent(processing.gamma)),
      logarithm_(processing.logarithm),
      invert_(processing.invert) {}

float Tone::of(float fraction) const {
  float value = fraction;
  if (gamma_ != 1) value = std::pow(std::max(value, 0.0F), gamma_);
  if (logarithm_) value = std::log1p(255 * std::max(value, 0.0F)) / std::log(256.0F);
  return invert_ ? 1 - value : value;
}

void Tone::apply(std::span<float> fractions) const {
  if (gamma_ == 1 && !logarithm_) {
    if (!invert_) return;
    for (float& fraction : fractions) fraction = 1 - fraction;
    return;
  }
  for (float& fraction : fractions) fraction = of(fraction);
}

}  // namespace iip

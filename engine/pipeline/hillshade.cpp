#include "engine/pipeline/hillshade.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace iip {

namespace {

double radians(double degrees) {
  return std::isfinite(degrees) ? std::fmod(degrees, 360) * M_PI / 180 : 0;
}

// Not a number is 0.
float within_one(float value) { return value > 0 ? std::min(value, 1.0F) : 0; }

// The difference of two heights, of which one that is not finite is as high as `here`.
float difference(float a, float b, float here) {
  const float plain = a - b;
  if (std::isfinite(plain)) return plain;
  return (std::isfinite(a) ? a : here) - (std::isfinite(b) ? b : here);
}

}  // namespace

HeightShader::HeightShader(const Hillshade& light, const PixelSpacing& spacing)
    : east_(static_cast<float>(std::sin(radians(light.azimuth)) *
                               std::cos(radians(light.elevation)))),
      north_(static_cast<float>(std::cos(radians(light.azimuth)) *
                                std::cos(radians(light.elevation)))),
      up_(static_cast<float>(std::sin(radians(light.elevation)))),
      per_column_(static_cast<float>(1 / spacing.x)),
      per_row_(static_cast<float>(1 / spacing.y)) {}

float HeightShader::shade_of(float east_west, float north_south) const {
  const float lit = up_ - east_west * east_ - north_south * north_;
  return within_one(lit / std::sqrt(1 + east_west * east_west + north_south * north_south));
}

void HeightShader::shade(std::span<const float> above, std::span<const float> here,
                         std::span<const float> below, int rows, std::span<float> shades) const {
  const std::size_t width = here.size();
  const float per_row = per_row_ / static_cast<float>(rows);
  const auto at = [&](std::size_t x, std::size_t west, std::size_t east, float per_column) {
    const float centre = here[x];
    if (!std::isfinite(centre)) return 0.0F;
    return shade_of(difference(here[east], here[west], centre) * per_column,
                    difference(above[x], below[x], centre) * per_row);
  };
  if (width == 1) {
    shades[0] = at(0, 0, 0, per_column_);
    return;
  }
  shades[0] = at(0, 0, 1, per_column_);
  for (std::size_t x = 1; x + 1 < width; ++x) shades[x] = at(x, x - 1, x + 1, per_column_ / 2);
  shades[width - 1] = at(width - 1, width - 2, width - 1, per_column_);
}

NormalShader::NormalShader(const Hillshade& light) {
  const double azimuth = radians(light.azimuth);
  const double x = std::sin(azimuth);
  const double y = std::cos(azimuth);
  const double z = -std::sin(radians(light.elevation));
  const double length = std::sqrt(x * x + y * y + z * z);
  x_ = static_cast<float>(x / length);
  y_ = static_cast<float>(y / length);
  z_ = static_cast<float>(z / length);
}

void NormalShader::shade(std::span<const float> red, std::span<const float> green,
                         std::span<const float> blue, std::span<float> shades) const {
  for (std::size_t i = 0; i < shades.size(); ++i) {
    const bool none = red[i] == 0 && green[i] == 0 && blue[i] == 0;
    const float lit = (1 - 2 * red[i]) * x_ + (1 - 2 * green[i]) * y_ + (1 - 2 * blue[i]) * z_;
    shades[i] = none ? 0 : within_one(lit / 2);
  }
}

}  // namespace iip

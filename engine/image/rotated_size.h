// The size of a picture that is turned by any angle.
#pragma once

#include <cmath>

#include "engine/image/geometry.h"

namespace iip {

// The tight bounding box about the centre: w' = |w cos| + |h sin|, rounded, at least one pixel.
inline Size rotated_size(const Size& size, double degrees) {
  const double radians = degrees * M_PI / 180;
  const double cosine = std::abs(std::cos(radians));
  const double sine = std::abs(std::sin(radians));
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  return {std::max<std::int64_t>(1, std::llround(width * cosine + height * sine)),
          std::max<std::int64_t>(1, std::llround(width * sine + height * cosine))};
}

}  // namespace iip

// Angles as clients write them: any number of degrees.
#pragma once

#include <cmath>

namespace iip {

// The angle from 0 to less than 360 that means the same direction; never -0.
inline double within_full_turn(double degrees) {
  const double turned = std::fmod(degrees, 360);
  const double positive = turned < 0 ? turned + 360 : turned;
  // A tiny negative angle is rounded to 360, and -0 is not to be told from 0.
  return positive == 360 || positive == 0 ? 0 : positive;
}

}  // namespace iip

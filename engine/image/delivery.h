// Delivery: which part of the image is delivered at which size, in whole pixels of the full image.
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include "engine/image/geometry.h"

namespace iip {

struct Delivery {
  Rect region;                // of the full size, cut to it
  Size scaled;                // before rotation
  bool is_max_size = false;   // `scaled` is what a request for the largest size gives
  bool enlarges = false;      // `scaled` is larger than the region on an axis
  bool keeps_aspect = false;  // the height of `scaled` is what its width alone gives
};

}  // namespace iip

// The region of a request in whole pixels of the full image.
#pragma once

#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/protocol/request.h"

namespace iip {

// For all regions but tiles; the result lies within the image and is not empty. A region that is
// empty, or lies outside, is malformed.
Result<Rect> region_in_pixels(const Region& region, const Size& full);

}  // namespace iip

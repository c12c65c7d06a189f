// Where a picture lies in the plane of its scale: the whole image at the scale at which a part of
// it is delivered. Watermarks have their places in that plane, so that pictures which show the same
// part of the image at the same scale, whole or in tiles, show the same marks.
//
// Pictures whose scale is that of a stored level, or a power of two, up to the rounding of their
// sizes, lie in one plane for each such scale. Others have the plane that their own size gives. A
// value type; the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>

#include "engine/image/image_info.h"
#include "engine/plan/plan.h"

namespace iip {

struct MarkPlane {
  Size size;
  Rect part;               // of the plane: what the picture shows before mirroring and rotation
  std::int64_t block = 1;  // side of the squares that the plane is parted into, each with its draw
};

MarkPlane mark_plane(const Plan& plan, const ImageInfo& info);

}  // namespace iip

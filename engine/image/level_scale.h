// A level's scale: how much smaller a stored level is than the full image. A value type; the
// functions keep nothing and are for any thread.
#pragma once

#include <cstddef>

#include "engine/image/image_info.h"

namespace iip {

// Pixels of the full image per pixel of a level, on each axis.
struct LevelScale {
  double x = 1;
  double y = 1;
};

// Writers divide by a whole number, nearly always a power of two, and then round the size up or
// down. Where the level's size is such a rounding, the scale is that number: a pixel of the level
// lies where the writer put it, and only the level's border pixels cover less or more than the
// others. Else the level is taken for the whole image, scaled.
LevelScale level_scale(const ImageInfo& info, std::size_t level);

}  // namespace iip

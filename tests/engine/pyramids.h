// Images that exist as numbers only: pyramids as the usual writers make them.
#pragma once

#include <ostream>

#include "engine/image/image_info.h"

namespace iip {

// How GoogleTest prints them.
inline void PrintTo(const Size& size, std::ostream* out) {
  *out << size.width << "x" << size.height;
}
inline void PrintTo(const Rect& rect, std::ostream* out) {
  *out << rect.width << "x" << rect.height << "+" << rect.x << "+" << rect.y;
}

namespace test {

// How a writer rounds the size of each halved level. vips and libtiff round down, JPEG 2000 and
// DeepZoom round up.
enum class Halving { down, up };

// Levels until one fits a tile.
inline ImageInfo pyramid(const Size& full, const Size& tile, Halving halving) {
  ImageInfo info;
  info.type_name = "TIFF";
  info.ranges = {{0, 255}, {0, 255}, {0, 255}};
  for (std::int64_t divisor = 1;; divisor *= 2) {
    const auto side = [&](std::int64_t length) {
      return halving == Halving::up ? (length + divisor - 1) / divisor
                                    : std::max<std::int64_t>(1, length / divisor);
    };
    const Size size{side(full.width), side(full.height)};
    info.levels.push_back({size, tile});
    if (size.width <= tile.width && size.height <= tile.height) return info;
  }
}

// One level without tiles, in strips of 16 rows.
inline ImageInfo untiled(const Size& full) {
  ImageInfo info;
  info.type_name = "TIFF";
  info.tiled = false;
  info.ranges = {{0, 255}, {0, 255}, {0, 255}};
  info.levels.push_back({full, {full.width, 16}});
  return info;
}

}  // namespace test
}  // namespace iip

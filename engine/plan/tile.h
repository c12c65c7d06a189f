// Tiles that a request names by level and place: of the image's own grid, or of a pyramid that is
// computed from the full size. A value type; the functions keep nothing and are for any thread.
#pragma once

#include <cstddef>

#include "engine/base/result.h"
#include "engine/image/delivery.h"
#include "engine/image/image_info.h"
#include "engine/protocol/request.h"

namespace iip {

// A tile that is part of a stored level, and delivered without scaling.
struct LevelTile {
  std::size_t level = 0;
  Rect rect;  // in pixels of the level
};

// Errors: not_found where the image has no such resolution or tile.
Result<LevelTile> native_tile(const NativeTile& tile, const ImageInfo& info);
Result<Delivery> deliver(const ComputedTile& tile, const ImageInfo& info);

}  // namespace iip

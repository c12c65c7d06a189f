// The levels of a picture that has none of its own: halved again and again, sides rounded up, down
// to one that fits a tile.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/image/image_info.h"

namespace iip {

std::vector<Level> level_ladder(const Size& full, std::int64_t tile_side);

}  // namespace iip

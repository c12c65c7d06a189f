#include "engine/source/level_ladder.h"

#include <algorithm>

namespace iip {

std::vector<Level> level_ladder(const Size& full, std::int64_t tile_side) {
  const Size tile{tile_side, tile_side};
  std::vector<Level> levels{{full, tile}};
  for (std::int64_t scale = 2;
       std::max(levels.back().size.width, levels.back().size.height) > tile_side; scale *= 2) {
    levels.push_back({{ceil_div(full.width, scale), ceil_div(full.height, scale)}, tile});
  }
  return levels;
}

}  // namespace iip

#include "engine/image/presentation.h"

#include <bit>
#include <cmath>

#include "engine/image/level_scale.h"

namespace iip {

namespace {

constexpr std::int64_t kDefaultSide = 256;
constexpr std::int64_t kSmallestSide = 64;
constexpr std::int64_t kLargestSide = 2048;

bool is_usable(std::int64_t side) { return side >= kSmallestSide && side <= kLargestSide; }

}  // namespace

Size presented_tile(const ImageInfo& info) {
  const Size& tile = info.levels.front().tile;
  if (info.tiled && is_usable(tile.width) && is_usable(tile.height)) return tile;
  return {kDefaultSide, kDefaultSide};
}

Size presented_tile_within(const ImageInfo& info, std::int64_t limit) {
  const Size tile = presented_tile(info);
  if (tile.width <= limit && tile.height <= limit) return tile;
  const auto side = static_cast<std::int64_t>(
      std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(limit, 1))));
  return {std::min(side, kDefaultSide), std::min(side, kDefaultSide)};
}

Size presented_size(const ImageInfo& info, std::size_t level, const Size& tile) {
  const Size& stored = info.levels[level].size;
  const LevelScale scale = level_scale(info, level);
  if (scale.x != scale.y || scale.x != std::floor(scale.x)) return stored;
  const auto divisor = static_cast<std::int64_t>(scale.x);
  const Size rounded_up{ceil_div(info.size().width, divisor),
                        ceil_div(info.size().height, divisor)};
  const bool is_one_tile = rounded_up.width <= tile.width && rounded_up.height <= tile.height;
  return is_one_tile ? rounded_up : stored;
}

Level native_level(const ImageInfo& info, std::size_t level) {
  return {info.levels[level].size, info.tiled ? info.levels.front().tile : presented_tile(info)};
}

std::int64_t presented_square_tile(const ImageInfo& info) {
  const Size tile = presented_tile(info);
  const bool suits =
      tile.width == tile.height && std::has_single_bit(static_cast<std::uint64_t>(tile.width));
  return suits ? tile.width : kDefaultSide;
}

}  // namespace iip

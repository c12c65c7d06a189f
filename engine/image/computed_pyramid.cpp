#include "engine/image/computed_pyramid.h"

#include <bit>

namespace iip {

ComputedPyramid ComputedPyramid::up_to_one_pixel(const Size& full) {
  const auto longest = static_cast<std::uint64_t>(std::max(full.width, full.height));
  const auto halvings = static_cast<std::uint64_t>(std::bit_width(longest - 1));
  return {full, Rounding::up, halvings + 1};
}

ComputedPyramid ComputedPyramid::down_to_one_tile(const Size& full, std::int64_t tile_side) {
  std::uint64_t levels = 1;
  for (std::int64_t longest = std::max(full.width, full.height); longest > tile_side;
       longest /= 2) {
    ++levels;
  }
  return {full, Rounding::down, levels};
}

std::int64_t ComputedPyramid::scale(std::uint64_t level) const {
  return std::int64_t{1} << (level_count_ - 1 - level);
}

std::optional<Size> ComputedPyramid::level_size(std::uint64_t level) const {
  if (level >= level_count_) return std::nullopt;
  const std::int64_t divisor = scale(level);
  const auto divided = [&](std::int64_t side) {
    return rounding_ == Rounding::up ? ceil_div(side, divisor)
                                     : std::max<std::int64_t>(1, side / divisor);
  };
  return Size{divided(full_.width), divided(full_.height)};
}

std::int64_t ComputedPyramid::tile_count(std::int64_t tile_side) const {
  std::int64_t tiles = 0;
  for (std::uint64_t level = 0; level < level_count_; ++level) {
    const Size size = *level_size(level);
    tiles += ceil_div(size.width, tile_side) * ceil_div(size.height, tile_side);
  }
  return tiles;
}

}  // namespace iip

// ComputedPyramid: the levels that a protocol's viewers compute from the full size alone, whatever
// levels the file has.
//
// Level 0 is the smallest, the last is the full size; a level is the full size divided by a power
// of two, each side rounded for itself and at least 1. A value type without state of its own; sizes
// must not be empty.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/image/geometry.h"

namespace iip {

class ComputedPyramid {
 public:
  // Rounded up, down to a level of 1x1 (DeepZoom).
  static ComputedPyramid up_to_one_pixel(const Size& full);
  // Rounded down, to the first level that fits one tile (Zoomify).
  static ComputedPyramid down_to_one_tile(const Size& full, std::int64_t tile_side);

  std::uint64_t level_count() const { return level_count_; }
  // nullopt where there is no such level.
  std::optional<Size> level_size(std::uint64_t level) const;
  // How many pixels of the full size one pixel of `level`, which exists, is wide and high.
  std::int64_t scale(std::uint64_t level) const;
  // The tiles of all levels together.
  std::int64_t tile_count(std::int64_t tile_side) const;

 private:
  enum class Rounding : std::uint8_t { up, down };
  ComputedPyramid(const Size& full, Rounding rounding, std::uint64_t level_count)
      : full_(full), rounding_(rounding), level_count_(level_count) {}

  Size full_;
  Rounding rounding_;
  std::uint64_t level_count_;
};

}  // namespace iip

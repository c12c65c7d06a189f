// Where tiles, resolutions, bands, precincts and code-blocks lie (ISO/IEC 15444-1 annex B).
//
// Pure arithmetic on a checked header; 64 bits hold every value. Coordinates are absolute: those of
// the reference grid divided down, never relative to the image. Value types; the functions keep
// nothing and are for any thread.
#pragma once

#include <cstdint>

#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/image/geometry.h"

namespace iip {

// `value` / 2^shift, rounded up; `value` not negative.
constexpr std::int64_t ceil_shift(std::int64_t value, int shift) {
  return (value + (std::int64_t{1} << shift) - 1) >> shift;
}

// The samples whose coordinates are edges divided by dx and dy, rounded up.
Rect divide_up(const Rect& rect, std::int64_t dx, std::int64_t dy);
// The samples whose coordinates are edges divided by 2^shift, rounded up.
Rect shift_up(const Rect& rect, int shift);

// The finest spacing of samples among the components: that of pixels.
Size j2k_pixel_step(const std::vector<J2kComponent>& components);
// Pixels between two places where samples of all components coincide; far more than any limit where
// there are more than can be counted.
Size j2k_common_step(const std::vector<J2kComponent>& components);

// A grid of cells of 2^width_log2 x 2^height_log2 that begins at 0,0, as far as it covers a rect.
struct J2kGrid {
  int width_log2 = 0;
  int height_log2 = 0;
  std::int64_t left = 0;  // index of the first column
  std::int64_t top = 0;
  std::int64_t across = 0;
  std::int64_t down = 0;

  static J2kGrid over(const Rect& rect, int width_log2, int height_log2);
  std::int64_t count() const { return across * down; }
  // The cell in column and row counted from the first, not cut.
  Rect cell(std::int64_t column, std::int64_t row) const {
    return {(left + column) << width_log2, (top + row) << height_log2,
            std::int64_t{1} << width_log2, std::int64_t{1} << height_log2};
  }
};

// One resolution of a component of a tile: 0 is the smallest.
struct J2kResolution {
  Rect rect;
  J2kGrid precincts;
};

J2kResolution j2k_resolution(const Rect& tile_component, const J2kComponentCoding& coding,
                             int resolution);

// Resolution 0 has one band, LL (0); the others have HL (1), LH (2) and HH (3).
constexpr int j2k_first_band(int resolution) { return resolution == 0 ? 0 : 1; }
constexpr int j2k_end_band(int resolution) { return resolution == 0 ? 1 : 4; }

// How often the band's samples were halved on their way from the component.
constexpr int j2k_band_level(int levels, int resolution) {
  return resolution == 0 ? levels : levels - resolution + 1;
}

Rect j2k_band(const Rect& tile_component, int levels, int resolution, int band);

// The code-blocks of a band: their largest size is cut by that of the precincts.
struct J2kBlockSize {
  int width_log2 = 0;
  int height_log2 = 0;
};
J2kBlockSize j2k_block_size(const J2kComponentCoding& coding, int resolution);

// The part of a band that belongs to the precinct in column and row counted from the first.
Rect j2k_precinct_band(const J2kResolution& resolution, const Rect& band, int index,
                       std::int64_t column, std::int64_t row);

}  // namespace iip

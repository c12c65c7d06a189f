#include "engine/formats/jpeg2000/codestream/geometry.h"

#include <algorithm>
#include <limits>

#include "engine/base/checked.h"

namespace iip {

namespace {

Rect between(std::int64_t left, std::int64_t top, std::int64_t right, std::int64_t bottom) {
  return {left, top, right - left, bottom - top};
}

std::int64_t common_multiple(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  return a == kMost ? kMost : checked_lcm(a, b).value_or(kMost);
}

}  // namespace

Size j2k_pixel_step(const std::vector<J2kComponent>& components) {
  Size step{255, 255};
  for (const J2kComponent& component : components) {
    step.width = std::min(step.width, component.dx);
    step.height = std::min(step.height, component.dy);
  }
  return step;
}

Size j2k_common_step(const std::vector<J2kComponent>& components) {
  const Size step = j2k_pixel_step(components);
  Size common = step;
  for (const J2kComponent& component : components) {
    common.width = common_multiple(common.width, component.dx);
    common.height = common_multiple(common.height, component.dy);
  }
  return {common.width / step.width, common.height / step.height};
}

Rect divide_up(const Rect& rect, std::int64_t dx, std::int64_t dy) {
  return between(ceil_div(rect.x, dx), ceil_div(rect.y, dy), ceil_div(rect.right(), dx),
                 ceil_div(rect.bottom(), dy));
}

Rect shift_up(const Rect& rect, int shift) {
  return between(ceil_shift(rect.x, shift), ceil_shift(rect.y, shift),
                 ceil_shift(rect.right(), shift), ceil_shift(rect.bottom(), shift));
}

J2kGrid J2kGrid::over(const Rect& rect, int width_log2, int height_log2) {
  J2kGrid grid{width_log2, height_log2, rect.x >> width_log2, rect.y >> height_log2, 0, 0};
  if (rect.empty()) return grid;
  grid.across = ceil_shift(rect.right(), width_log2) - grid.left;
  grid.down = ceil_shift(rect.bottom(), height_log2) - grid.top;
  return grid;
}

J2kResolution j2k_resolution(const Rect& tile_component, const J2kComponentCoding& coding,
                             int resolution) {
  const Rect rect = shift_up(tile_component, coding.levels - resolution);
  const std::uint8_t precinct = coding.precincts[static_cast<std::size_t>(resolution)];
  return {rect, J2kGrid::over(rect, precinct & 0x0F, precinct >> 4U)};
}

Rect j2k_band(const Rect& tile_component, int levels, int resolution, int band) {
  const int level = j2k_band_level(levels, resolution);
  if (band == 0) return shift_up(tile_component, level);
  const std::int64_t half = std::int64_t{1} << (level - 1);
  const std::int64_t across = (band & 1) != 0 ? half : 0;
  const std::int64_t down = (band & 2) != 0 ? half : 0;
  // An edge left of the first sample of the band gives 0.
  const auto edge = [level](std::int64_t at, std::int64_t offset) {
    return ceil_shift(std::max<std::int64_t>(at - offset, 0), level);
  };
  return between(edge(tile_component.x, across), edge(tile_component.y, down),
                 edge(tile_component.right(), across), edge(tile_component.bottom(), down));
}

J2kBlockSize j2k_block_size(const J2kComponentCoding& coding, int resolution) {
  const std::uint8_t precinct = coding.precincts[static_cast<std::size_t>(resolution)];
  const int halved = resolution == 0 ? 0 : 1;
  return {std::min(coding.block_width_log2, (precinct & 0x0F) - halved),
          std::min(coding.block_height_log2, (precinct >> 4U) - halved)};
}

Rect j2k_precinct_band(const J2kResolution& resolution, const Rect& band, int index,
                       std::int64_t column, std::int64_t row) {
  Rect cell = resolution.precincts.cell(column, row);
  if (index != 0) cell = {cell.x / 2, cell.y / 2, cell.width / 2, cell.height / 2};
  Rect part = intersect(cell, band);
  if (part.empty()) part = {part.x, part.y, 0, 0};
  return part;
}

}  // namespace iip

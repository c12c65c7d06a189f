#include "engine/plan/level.h"

#include <cmath>

#include "engine/image/level_scale.h"

namespace iip {

namespace {

bool is_whole(double value) { return value == std::floor(value); }

double edge_in_level(std::int64_t edge, std::int64_t full, std::int64_t side, double scale) {
  const auto border = static_cast<double>(side);
  if (edge >= full) return border;
  return std::min(static_cast<double>(edge) / scale, border);
}

std::int64_t edge_in_full(std::int64_t edge, std::int64_t side, std::int64_t full, double scale) {
  if (edge >= side) return full;
  return std::min(static_cast<std::int64_t>(std::round(static_cast<double>(edge) * scale)), full);
}

// `present` pixels of the level cover what would be `exact` pixels without the rounding of the
// level's size. Viewers round up, and a level may have been rounded down: a pixel may be missing,
// but what is delivered must not be visibly stretched.
bool has_resolution(double exact, double present, std::int64_t wanted) {
  const auto pixels = static_cast<double>(wanted);
  return pixels <= std::ceil(exact) && pixels * 7 <= present * 8;
}

// Levels that are rounded down leave out up to a pixel of theirs at the far edge: at 15 pixels for
// 15.6 all that is shown would be displaced by up to half a pixel, and soft. Sizes that the level
// has itself are asked for as such.
bool is_faithful(double exact, std::int64_t stored) {
  return static_cast<double>(stored) * 48 >= exact * 47;
}

}  // namespace

RectF map_to_level(const ImageInfo& info, std::size_t level, const Rect& region) {
  const Size& full = info.size();
  const Size& size = info.levels[level].size;
  const LevelScale scale = level_scale(info, level);
  const double left = edge_in_level(region.x, full.width, size.width, scale.x);
  const double top = edge_in_level(region.y, full.height, size.height, scale.y);
  const double right = edge_in_level(region.right(), full.width, size.width, scale.x);
  const double bottom = edge_in_level(region.bottom(), full.height, size.height, scale.y);
  return {left, top, right - left, bottom - top};
}

Rect map_to_full(const ImageInfo& info, std::size_t level, const Rect& rect) {
  const Size& full = info.size();
  const Size& size = info.levels[level].size;
  const LevelScale scale = level_scale(info, level);
  const std::int64_t left = edge_in_full(rect.x, size.width, full.width, scale.x);
  const std::int64_t top = edge_in_full(rect.y, size.height, full.height, scale.y);
  const std::int64_t right = edge_in_full(rect.right(), size.width, full.width, scale.x);
  const std::int64_t bottom = edge_in_full(rect.bottom(), size.height, full.height, scale.y);
  return {left, top, right - left, bottom - top};
}

std::size_t choose_level(const ImageInfo& info, const Rect& region, const Size& scaled) {
  for (std::size_t level = info.levels.size() - 1; level > 0; --level) {
    const LevelScale scale = level_scale(info, level);
    const RectF present = map_to_level(info, level, region);
    const Size& size = info.levels[level].size;
    const bool faithful =
        is_faithful(static_cast<double>(info.size().width) / scale.x, size.width) &&
        is_faithful(static_cast<double>(info.size().height) / scale.y, size.height);
    if (!faithful && !is_pixel_copy(present, scaled)) continue;
    if (has_resolution(static_cast<double>(region.width) / scale.x, present.width, scaled.width) &&
        has_resolution(static_cast<double>(region.height) / scale.y, present.height,
                       scaled.height)) {
      return level;
    }
  }
  return 0;
}

bool is_pixel_copy(const RectF& source, const Size& scaled) {
  return is_whole(source.x) && is_whole(source.y) &&
         source.width == static_cast<double>(scaled.width) &&
         source.height == static_cast<double>(scaled.height);
}

std::optional<std::int64_t> find_stored_tile(const Level& level, const RectF& source,
                                             const Size& scaled) {
  if (!is_pixel_copy(source, scaled)) return std::nullopt;
  const Rect rect{static_cast<std::int64_t>(source.x), static_cast<std::int64_t>(source.y),
                  scaled.width, scaled.height};
  const std::int64_t index =
      rect.y / level.tile.height * level.tiles_across() + rect.x / level.tile.width;
  if (level.tile_rect(index) != rect) return std::nullopt;
  return index;
}

}  // namespace iip

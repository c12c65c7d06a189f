#include "engine/plan/mark_plane.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/image/level_scale.h"
#include "engine/image/presentation.h"

namespace iip {

namespace {

// The power of two that divides the region's sides into those delivered, up to rounding.
std::optional<double> halvings(const Delivery& delivery) {
  constexpr int kMost = 40;
  const auto fits = [](std::int64_t side, std::int64_t scaled, double scale) {
    return std::abs(static_cast<double>(side) / scale - static_cast<double>(scaled)) < 1;
  };
  for (int i = 0; i <= kMost; ++i) {
    const double scale = std::ldexp(1.0, i);
    if (fits(delivery.region.width, delivery.scaled.width, scale) &&
        fits(delivery.region.height, delivery.scaled.height, scale)) {
      return scale;
    }
  }
  return std::nullopt;
}

LevelScale scale_of(const Plan& plan, const ImageInfo& info) {
  if (plan.is_copy()) return level_scale(info, plan.level);
  const Delivery& delivery = plan.delivery;
  if (const auto scale = halvings(delivery)) return {*scale, *scale};
  return {
      static_cast<double>(delivery.region.width) / static_cast<double>(delivery.scaled.width),
      static_cast<double>(delivery.region.height) / static_cast<double>(delivery.scaled.height)};
}

// A stored level of that scale says how its size was rounded.
Size plane_size(const LevelScale& scale, const ImageInfo& info) {
  for (std::size_t level = 0; level < info.levels.size(); ++level) {
    const LevelScale stored = level_scale(info, level);
    if (stored.x == scale.x && stored.y == scale.y) return info.levels[level].size;
  }
  const auto scaled = [](std::int64_t side, double by) {
    return std::max<std::int64_t>(std::llround(static_cast<double>(side) / by), 1);
  };
  return {scaled(info.size().width, scale.x), scaled(info.size().height, scale.y)};
}

Rect part_of(const Plan& plan, const LevelScale& scale) {
  const Delivery& delivery = plan.delivery;
  const double x =
      plan.is_copy() ? plan.source.x : static_cast<double>(delivery.region.x) / scale.x;
  const double y =
      plan.is_copy() ? plan.source.y : static_cast<double>(delivery.region.y) / scale.y;
  return {std::llround(x), std::llround(y), delivery.scaled.width, delivery.scaled.height};
}

}  // namespace

MarkPlane mark_plane(const Plan& plan, const ImageInfo& info) {
  constexpr std::int64_t kTilesToABlock = 2;
  const LevelScale scale = scale_of(plan, info);
  const Size tile = native_level(info, 0).tile;
  return {plane_size(scale, info), part_of(plan, scale),
          kTilesToABlock * std::max(tile.width, tile.height)};
}

}  // namespace iip

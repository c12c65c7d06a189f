#include "engine/service/render_cost.h"

#include <algorithm>
#include <cmath>

#include "engine/encode/encode.h"
#include "engine/service/read_scaled.h"

namespace iip {

namespace {

// What a viewer's tile touches at most: a tile of 1024 x 1024 with its neighbours' margins, scaled.
constexpr std::int64_t kTileSource = std::int64_t{5} << 20U;
constexpr std::int64_t kTileResult = std::int64_t{1} << 20U;

// The pixels of the level's tiles that the plan's source touches: what is decoded.
std::int64_t decoded_pixels(const Plan& plan, const Level& level) {
  const auto touched = [](double start, double length, std::int64_t tile, std::int64_t limit) {
    const auto first = static_cast<std::int64_t>(std::floor(start)) / tile;
    const auto last = static_cast<std::int64_t>(std::ceil(start + length) - 1) / tile;
    return std::min((std::max(first, last) - first + 1) * tile, limit);
  };
  return touched(plan.source.x, plan.source.width, level.tile.width, level.size.width) *
         touched(plan.source.y, plan.source.height, level.tile.height, level.size.height);
}

Lane lane_of(std::int64_t decoded, std::int64_t made) {
  return decoded <= kTileSource && made <= kTileResult ? Lane::tiles : Lane::regions;
}

}  // namespace

RenderCost cost_of(const Plan& plan, const ImageInfo& info, CacheClient client) {
  const Level& level = info.levels[plan.level];
  const std::int64_t decoded = decoded_pixels(plan, level);
  const std::int64_t made = plan.delivery.scaled.area();
  // What is read at once, the block that is being decoded, and the picture before and after a step.
  const std::int64_t block =
      std::min(level.tile.width, level.size.width) * std::min(level.tile.height, level.size.height);
  const auto pixels =
      static_cast<std::uint64_t>(std::min(decoded, kMostReadAtOnce) + block + 2 * made);
  const std::uint64_t encoder = encoder_bytes(plan.delivery.scaled, info.format, plan.encoding);
  return {lane_of(decoded, made), pixels * info.format.pixel_bytes() + encoder, client};
}

RenderCost cost_of_tiles(std::int64_t tiles, const Level& level, const PixelFormat& format,
                         CacheClient client) {
  const std::int64_t tile =
      std::min(level.tile.width, level.size.width) * std::min(level.tile.height, level.size.height);
  return {lane_of(tile * tiles, tile * tiles),
          static_cast<std::uint64_t>(4 * tile) * format.pixel_bytes(), client};
}

}  // namespace iip

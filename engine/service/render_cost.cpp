#include "engine/service/render_cost.h"

#include <algorithm>
#include <cmath>

#include "engine/formats/encode_raster.h"
#include "engine/pipeline/process.h"
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

PixelFormat encoded_format(const Plan& plan, const ImageInfo& info) {
  PixelFormat format = processed_format(plan.processing, info.format, plan.encoding.bits);
  if (plan.uncovers_corners()) format.alpha = true;
  return format;
}

// The bytes of a pixel at the step that needs the most: as it is read, as RGB where the colour
// model has to be changed, or as it is encoded.
std::size_t widest_pixel(const PixelFormat& encoded, PixelFormat read) {
  const std::size_t as_read = read.pixel_bytes();
  if (read.model == ColourModel::cmyk) read.model = ColourModel::rgb;
  return std::max({as_read, read.pixel_bytes(), encoded.pixel_bytes()});
}

}  // namespace

RenderCost cost_of(const Plan& plan, const ImageInfo& info, CacheClient client) {
  const Level& level = info.levels[plan.level];
  const std::int64_t decoded = decoded_pixels(plan, level);
  const std::int64_t made = plan.delivery.scaled.area();
  // What is read at once, the block that is being decoded, and the picture before and after a step.
  const std::int64_t block =
      std::min(level.tile.width, level.size.width) * std::min(level.tile.height, level.size.height);
  const auto pixels = static_cast<std::uint64_t>(std::min(decoded, kMostReadAtOnce) + block + made);
  const PixelFormat encoded = encoded_format(plan, info);
  return {lane_of(decoded, made),
          pixels * info.format.pixel_bytes() +
              static_cast<std::uint64_t>(made) * widest_pixel(encoded, info.format) +
              encoder_bytes(plan.delivery.scaled, encoded, plan.encoding),
          client};
}

RenderCost cost_of_tiles(std::int64_t tiles, const Level& level, const PixelFormat& format,
                         CacheClient client) {
  const std::int64_t tile =
      std::min(level.tile.width, level.size.width) * std::min(level.tile.height, level.size.height);
  return {lane_of(tile * tiles, tile * tiles),
          static_cast<std::uint64_t>(4 * tile) * format.pixel_bytes(), client};
}

}  // namespace iip

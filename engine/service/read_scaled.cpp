#include "engine/service/read_scaled.h"

#include <algorithm>
#include <cmath>

#include "engine/base/checkpoint.h"
#include "engine/image/box_shrink.h"
#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// Averaging leaves at least this many pixels for each one delivered, so that the filter still
// decides how the picture looks.
constexpr double kOversampling = 3.0;

// Half the width of the widest filter (Lanczos, three lobes), in pixels of the coarser side.
constexpr double kFilterReach = 3.0;

bool is_whole(double value) { return value == std::floor(value); }

bool is_copy(const ScaledPart& wanted) {
  return is_whole(wanted.part.x) && is_whole(wanted.part.y) &&
         wanted.part.width == static_cast<double>(wanted.size.width) &&
         wanted.part.height == static_cast<double>(wanted.size.height);
}

// The whole pixels that [start, start + length) and the filter's reach beyond it touch.
struct Span {
  std::int64_t begin;
  std::int64_t end;
};

Span cover(double start, double length, double reach, std::int64_t limit) {
  const auto begin = static_cast<std::int64_t>(std::floor(start - reach));
  const auto end = static_cast<std::int64_t>(std::ceil(start + length + reach));
  return {std::clamp<std::int64_t>(begin, 0, limit - 1), std::clamp<std::int64_t>(end, 1, limit)};
}

Rect cover(const ScaledPart& wanted, const Size& level) {
  const double across = wanted.part.width / static_cast<double>(wanted.size.width);
  const double down = wanted.part.height / static_cast<double>(wanted.size.height);
  const Span x =
      cover(wanted.part.x, wanted.part.width, kFilterReach * std::max(1.0, across), level.width);
  const Span y =
      cover(wanted.part.y, wanted.part.height, kFilterReach * std::max(1.0, down), level.height);
  return {x.begin, y.begin, x.end - x.begin, y.end - y.begin};
}

// The whole factors by which the part may be averaged down before it is filtered.
struct Factors {
  std::int64_t across;
  std::int64_t down;
};

Factors averaging_factors(const ScaledPart& wanted) {
  const auto factor = [](double part, std::int64_t size) {
    const double shrink = part / static_cast<double>(size);
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(shrink / kOversampling));
  };
  return {factor(wanted.part.width, wanted.size.width),
          factor(wanted.part.height, wanted.size.height)};
}

// What is hardly made smaller, or by leaving pixels out, is read exactly: errors would stay as they
// are.
ReadTolerance tolerance_of(const ScaledPart& wanted) {
  constexpr double kLeastReduction = 1.2;
  const double reduction = std::min(wanted.part.width / static_cast<double>(wanted.size.width),
                                    wanted.part.height / static_cast<double>(wanted.size.height));
  if (reduction < kLeastReduction || wanted.interpolation == Interpolation::nearest) return {};
  return {wanted.error, reduction, wanted.chroma_error};
}

// Rows of low tiles, or of few pixels, are read several at a time: each reading costs something.
constexpr std::int64_t kBandPixels = std::int64_t{1} << 19U;

// In pixels. The rows of rasters begin at multiples of 64 bytes.
std::int64_t room_for(const Size& size) {
  constexpr std::int64_t kLeastWidth = 64;
  return std::max(size.width, kLeastWidth) * size.height;
}

// The rectangle `area` of the level averaged down by `factors`, read band by band. Blocks are
// counted from the area's corner; those at its right and bottom edges may cover less.
Result<Raster> read_averaged(const Source& source, const ReadContext& context, std::size_t level,
                             const Rect& area, const Factors& factors) {
  auto shrinker = BoxShrinker::create(area.size(), source.info().format, factors.across,
                                      factors.down, context.budget);
  if (!shrinker) return pass_on(shrinker);
  const std::int64_t tile_height = source.info().levels[level].tile.height;
  const std::int64_t tile_rows =
      std::max<std::int64_t>(1, kBandPixels / room_for({area.width, tile_height}));
  // A band ends where a row of tiles ends, so that no tile is decoded for two bands.
  for (std::int64_t top = area.y; top < area.bottom();) {
    const std::int64_t next =
        std::min((top / tile_height + tile_rows) * tile_height, area.bottom());
    auto band = source.read(context, level, {area.x, top, area.width, next - top});
    if (!band) return band;
    auto fed = for_rows(next - top, band->row_bytes(), context.deadline,
                        [&](std::int64_t y) { shrinker->feed(band->row(y)); });
    if (!fed) return pass_on(fed);
    top = next;
  }
  return shrinker->take();
}

}  // namespace

Result<Raster> read_scaled(const Source& source, const ReadContext& request,
                           const ScaledPart& wanted) {
  ReadContext context = request;
  context.tolerance = tolerance_of(wanted);
  const Size& level = source.info().levels[wanted.level].size;
  const bool copies = is_copy(wanted);
  const Rect area =
      copies ? Rect{static_cast<std::int64_t>(wanted.part.x),
                    static_cast<std::int64_t>(wanted.part.y), wanted.size.width, wanted.size.height}
             : cover(wanted, level);
  if (Status allowed = context.spend(source.effort(wanted.level, area)); !allowed) {
    return pass_on(allowed);
  }
  if (copies) return source.read(context, wanted.level, area);
  RectF part{wanted.part.x - static_cast<double>(area.x),
             wanted.part.y - static_cast<double>(area.y), wanted.part.width, wanted.part.height};

  const Factors factors = averaging_factors(wanted);
  const bool averages =
      room_for(area.size()) > kMostReadAtOnce && factors.across * factors.down > 1;
  auto raster = averages ? read_averaged(source, context, wanted.level, area, factors)
                         : source.read(context, wanted.level, area);
  if (!raster) return raster;
  if (averages) {
    const auto across = static_cast<double>(factors.across);
    const auto down = static_cast<double>(factors.down);
    part = {part.x / across, part.y / down, part.width / across, part.height / down};
    // The last block may be narrower than a block: the part must not reach beyond the raster.
    part.width = std::min(part.width, static_cast<double>(raster->size().width) - part.x);
    part.height = std::min(part.height, static_cast<double>(raster->size().height) - part.y);
  }
  return resample(std::move(*raster), part, wanted.size, wanted.interpolation, context.allowance());
}

}  // namespace iip

#include "engine/service/open_image.h"

#include <algorithm>
#include <cmath>

#include "engine/pipeline/stages.h"
#include "engine/service/read_scaled.h"

namespace iip {

namespace {
// Enough for a steady histogram, and quick to read.
constexpr double kStatisticsSide = 1024;
}  // namespace

Result<int> OpenImage::bitonal_threshold(const ReadContext& context) const {
  const int known = bitonal_threshold_.load(std::memory_order_relaxed);
  if (known != kUnknown) return known;

  const std::size_t smallest = info().levels.size() - 1;
  const Size whole = info().levels[smallest].size;
  const double shrink = std::max({1.0, static_cast<double>(whole.width) / kStatisticsSide,
                                  static_cast<double>(whole.height) / kStatisticsSide});
  const Size size{
      std::max<std::int64_t>(1, std::llround(static_cast<double>(whole.width) / shrink)),
      std::max<std::int64_t>(1, std::llround(static_cast<double>(whole.height) / shrink))};
  const RectF all{0, 0, static_cast<double>(whole.width), static_cast<double>(whole.height)};
  auto raster = read_scaled(*source_, context, {smallest, all, size, Interpolation::bilinear});
  if (!raster) return pass_on(raster);
  auto opaque = flatten_on_white(std::move(*raster), context.budget);
  if (!opaque) return pass_on(opaque);
  auto grey = to_grey(std::move(*opaque), context.budget);
  if (!grey) return pass_on(grey);
  const int threshold = otsu_threshold(*grey);
  bitonal_threshold_.store(threshold, std::memory_order_relaxed);
  return threshold;
}

}  // namespace iip

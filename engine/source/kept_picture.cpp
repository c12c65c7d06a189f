#include "engine/source/kept_picture.h"

#include <cstring>

#include "engine/image/box_shrink.h"

namespace iip {

namespace {

Result<Raster> averaged(const Raster& full, std::int64_t factor, MemoryBudget& budget) {
  auto shrinker = BoxShrinker::create(full.size(), full.format(), factor, factor, budget);
  if (!shrinker) return pass_on(shrinker);
  for (std::int64_t y = 0; y < full.size().height; ++y) shrinker->feed(full.row(y));
  return shrinker->take();
}

}  // namespace

Result<std::shared_ptr<const KeptPicture>> KeptPicture::of(Raster full, std::size_t levels,
                                                           MemoryBudget& budget) {
  std::vector<Raster> rasters;
  rasters.push_back(std::move(full));
  for (std::size_t level = 1; level < levels; ++level) {
    Result<Raster> smaller = averaged(rasters.front(), std::int64_t{1} << level, budget);
    if (!smaller) return pass_on(smaller);
    rasters.push_back(std::move(*smaller));
  }
  for (Raster& raster : rasters) raster.outlive_budget();
  return std::make_shared<const KeptPicture>(std::move(rasters));
}

std::uint64_t KeptPicture::bytes_for(const Size& full, const PixelFormat& format) {
  return static_cast<std::uint64_t>(full.area()) * format.pixel_bytes() * 4 / 3;
}

std::uint64_t KeptPicture::bytes() const {
  std::uint64_t sum = 0;
  for (const Raster& level : levels_) sum += level.bytes();
  return sum;
}

Result<Raster> KeptPicture::copy(std::size_t level, const Rect& rect, MemoryBudget& budget) const {
  const Raster& from = levels_[level];
  auto out = UnwrittenRaster::create(rect.size(), from.format(), budget);
  if (!out) return pass_on(out);
  const std::size_t first = static_cast<std::size_t>(rect.x) * from.format().pixel_bytes();
  for (std::int64_t y = 0; y < rect.height; ++y) {
    std::memcpy(out->pixels().row(y), from.row(rect.y + y) + first, out->pixels().row_bytes());
  }
  return std::move(*out).written(rect.height);
}

}  // namespace iip

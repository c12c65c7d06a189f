// A source whose pixels are a formula: large images without large files.
#pragma once

#include "engine/source/source.h"

namespace iip {

// Grey; the value at (x, y) of every level is `value(x, y)`. Counts the pixels that are read.
class RampSource : public Source {
 public:
  using Formula = std::uint8_t (*)(std::int64_t x, std::int64_t y);

  RampSource(const std::vector<Size>& levels, const Size& tile, Formula formula)
      : Source(info_of(levels, tile)), formula_(formula) {}

  Result<Raster> read(const ReadContext& context, std::size_t /*level*/,
                      const Rect& rect) const override {
    auto raster = Raster::create(rect.size(), info_.format, context.budget);
    if (!raster) return raster;
    for (std::int64_t y = 0; y < rect.height; ++y) {
      auto row = raster->samples<std::uint8_t>(y);
      for (std::int64_t x = 0; x < rect.width; ++x) {
        row[static_cast<std::size_t>(x)] = formula_(rect.x + x, rect.y + y);
      }
    }
    pixels_read_ += rect.size().area();
    return raster;
  }

  std::int64_t pixels_read() const { return pixels_read_; }

 private:
  static ImageInfo info_of(const std::vector<Size>& levels, const Size& tile) {
    ImageInfo info;
    for (const Size& size : levels) info.levels.push_back({size, tile});
    info.format.model = ColourModel::grey;
    info.stored_channels = 1;
    return info;
  }

  Formula formula_;
  mutable std::int64_t pixels_read_ = 0;
};

}  // namespace iip

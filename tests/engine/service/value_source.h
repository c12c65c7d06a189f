// A source of any depth whose values are a formula.
#pragma once

#include <atomic>
#include <functional>

#include "engine/source/source.h"
#include "support/rasters.h"

namespace iip::test {

// value(x, y, c) in every level, where x and y count pixels of the full size: level n shows each
// 2^n th of them.
class ValueSource : public Source {
 public:
  using Formula = std::function<double(std::int64_t x, std::int64_t y, int c)>;

  ValueSource(ImageInfo info, Formula formula)
      : Source(std::move(info)), formula_(std::move(formula)) {}

  static ImageInfo info_of(const Size& size, std::size_t levels, const PixelFormat& format,
                           const SampleRange& range) {
    ImageInfo info;
    for (std::size_t n = 0; n < levels; ++n) {
      info.levels.push_back({{size.width >> n, size.height >> n}, {64, 64}});
    }
    info.format = format;
    info.stored_bits = static_cast<int>(8 * bytes_of(format.type));
    info.stored_channels = format.channels();
    info.ranges.assign(static_cast<std::size_t>(format.shown_channels()), range);
    return info;
  }

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override {
    auto raster = Raster::create(rect.size(), info_.format, context.budget);
    if (!raster) return raster;
    with_sample_type(info_.format.type, [&](auto sample) {
      using T = decltype(sample);
      for (std::int64_t y = 0; y < rect.height; ++y) {
        T* to = raster->samples<T>(y).data();
        for (std::int64_t x = 0; x < rect.width; ++x) {
          for (int c = 0; c < info_.format.channels(); ++c) {
            *to++ = static_cast<T>(formula_((rect.x + x) << level, (rect.y + y) << level, c));
          }
        }
      }
    });
    ++reads;
    return raster;
  }

  // How often it was read, by all threads.
  mutable std::atomic<int> reads = 0;

 private:
  Formula formula_;
};

}  // namespace iip::test

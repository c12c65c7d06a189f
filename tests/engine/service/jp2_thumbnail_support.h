// Sources that stand in for the one under test, and how much two pictures differ.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/source/source.h"
#include "support/images.h"

namespace iip::test {

// Exactly what was expected of each level.
class ExpectedLevels : public Source {
 public:
  ExpectedLevels(const ImageInfo& info, const std::vector<Expected>& levels, Memory& memory)
      : Source(info) {
    for (const Expected& level : levels) {
      levels_.push_back(expected_raster(level, info.format, memory));
    }
  }

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override {
    auto raster = Raster::create(rect.size(), info_.format, context.budget);
    const std::size_t pixel = info_.format.pixel_bytes();
    for (std::int64_t y = 0; raster && y < rect.height; ++y) {
      std::copy_n(levels_[level].row(rect.y + y) + static_cast<std::size_t>(rect.x) * pixel,
                  static_cast<std::size_t>(rect.width) * pixel, raster->row(y));
    }
    return raster;
  }

 private:
  std::vector<Raster> levels_;
};

// Read, whatever is made of it, as exactly as it was told, or as the first picture that was made of
// it asked for.
class AsAtFirst : public Source {
 public:
  explicit AsAtFirst(std::shared_ptr<const Source> source,
                     const std::optional<ReadTolerance>& first = {})
      : Source(source->info()), source_(std::move(source)), first_(first) {}

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override {
    if (!first_) first_ = context.tolerance;
    ReadContext as_at_first = context;
    as_at_first.tolerance = *first_;
    return source_->read(as_at_first, level, rect);
  }
  const ReadTolerance& tolerance() const { return first_.value(); }

 private:
  std::shared_ptr<const Source> source_;
  mutable std::optional<ReadTolerance> first_;
};

struct PixelDifference {
  int most = 0;
  double mean = 0;
};

struct JpegDifference {
  // Before they were encoded: of luminance, and of colour differences averaged over 2x2 pixels.
  int luminance_most = 0;
  double luminance_mean = 0;
  double chroma_most = 0;
  double chroma_mean = 0;
  // Decoded.
  int most = 0;
  double decibels = 0;  // peak signal to noise ratio
  // What ours has less of these beside the exact picture, not encoded, than the exact one has.
  double decibels_lost = 0;
};

// As JFIF has them, without the offset of Cb and Cr.
using Ycc = std::array<double, 3>;
inline Ycc ycc_of(const std::uint8_t* rgb) {
  const double r = rgb[0];
  const double g = rgb[1];
  const double b = rgb[2];
  const double y = 0.299 * r + 0.587 * g + 0.114 * b;
  return {y, (b - y) / 1.772, (r - y) / 1.402};
}

// Of the squares of 2x2 pixels; those at the edges may have fewer.
inline Ycc mean_of_square(const Raster& raster, std::int64_t x, std::int64_t y) {
  Ycc mean{};
  double count = 0;
  for (std::int64_t row = y; row < std::min(y + 2, raster.size().height); ++row) {
    for (std::int64_t column = x; column < std::min(x + 2, raster.size().width); ++column) {
      const Ycc of = ycc_of(raster.row(row) + 3 * column);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += of[i];
      ++count;
    }
  }
  for (double& value : mean) value /= count;
  return mean;
}

inline double decibels(const Raster& a, const Raster& b) {
  double squares = 0;
  double count = 0;
  for (std::int64_t y = 0; y < a.size().height; ++y) {
    for (std::size_t i = 0; i < a.row_bytes(); ++i, ++count) {
      squares += std::pow(int{a.row(y)[i]} - int{b.row(y)[i]}, 2);
    }
  }
  return 10 * std::log10(255.0 * 255.0 * count / std::max(squares, 1.0));
}

}  // namespace iip::test

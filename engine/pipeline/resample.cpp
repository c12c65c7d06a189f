// Resampling. Bilinear, bicubic (Catmull-Rom) and three-lobed Lanczos are zimg's, whose footprint
// widens with the ratio when shrinking, so that every source pixel has its share in the result.
//
// 8-bit grey and RGB pixels are split into planes that zimg filters together; every other format
// goes channel by channel (channel_filter.h).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/checkpoint.h"
#include "engine/image/box_shrink.h"
#include "engine/pipeline/channel_filter.h"
#include "engine/pipeline/planes.h"
#include "engine/pipeline/stages.h"
#include "engine/pipeline/zimg_filter.h"

namespace iip {

namespace {

// Above this ratio averages of whole cells do the coarse part, down to half of it or more.
constexpr double kMaxFilterRatio = 16;

bool is_whole(double value) { return value == std::floor(value); }

bool has_plane_loops(const PixelFormat& format) {
  return format.type == SampleType::u8 && format.extra == 0 &&
         (format.model == ColourModel::grey || format.model == ColourModel::rgb);
}

class Splitter : public LineReader {
 public:
  Splitter(const Raster& raster, const ScaledWindow& window) : raster_(raster), window_(window) {}

  void read(std::int64_t line, std::size_t left, std::size_t right,
            const PlanePointers& planes) override {
    const std::size_t x = static_cast<std::size_t>(window_.across.first) + left;
    split_line(raster_.row(window_.down.first + line) + x * raster_.format().pixel_bytes(),
               right - left, raster_.format(), planes);
  }

 private:
  const Raster& raster_;
  const ScaledWindow& window_;
};

class Joiner : public LineWriter {
 public:
  explicit Joiner(Raster& raster) : raster_(raster) {}

  void write(std::int64_t line, std::size_t left, std::size_t right,
             const ConstPlanePointers& planes) override {
    join_line(planes, right - left, raster_.format(),
              raster_.row(line) + left * raster_.format().pixel_bytes());
  }

 private:
  Raster& raster_;
};

Result<Raster> filtered(const Raster& input, const RectF& source, const Size& size,
                        Interpolation interpolation, const Allowance& allowance) {
  const PixelFormat& format = input.format();
  const ScaledWindow window = window_of(source, input.size(), size, interpolation);
  if (!has_plane_loops(format)) return filter_channels(input, window, allowance);
  auto output = UnwrittenRaster::create(size, format, allowance.budget);
  if (!output) return pass_on(output);
  const PlaneLayout layout{format.alpha ? PlaneType::word : PlaneType::byte, format.colours(),
                           format.alpha};
  Splitter splitter(input, window);
  Joiner joiner(output->pixels());
  if (auto done = filter_planes(layout, window, splitter, joiner, allowance); !done) {
    return pass_on(done);
  }
  return std::move(*output).written(size.height);
}

Result<Raster> cropped(Raster input, const Rect& rect, const Allowance& allowance) {
  if (rect == Rect::of(input.size())) return input;
  auto output = UnwrittenRaster::create(rect.size(), input.format(), allowance.budget);
  if (!output) return pass_on(output);
  const std::size_t skipped = static_cast<std::size_t>(rect.x) * input.format().pixel_bytes();
  auto done =
      for_rows(rect.height, output->pixels().row_bytes(), allowance.deadline, [&](std::int64_t y) {
        std::memcpy(output->pixels().row(y), input.row(rect.y + y) + skipped,
                    output->pixels().row_bytes());
      });
  if (!done) return pass_on(done);
  return std::move(*output).written(rect.height);
}

// Each output pixel is the source pixel below its centre.
Result<Raster> nearest(const Raster& input, const RectF& source, const Size& size,
                       const Allowance& allowance) {
  auto output = Raster::create(size, input.format(), allowance.budget);
  if (!output) return output;
  const auto place = [](double start, double length, std::int64_t index, std::int64_t count,
                        std::int64_t limit) {
    const double at =
        start + (static_cast<double>(index) + 0.5) * length / static_cast<double>(count);
    return std::clamp(static_cast<std::int64_t>(std::floor(at)), std::int64_t{0}, limit - 1);
  };
  const std::size_t bytes = input.format().pixel_bytes();
  const auto take_row = [&](std::int64_t y) {
    const std::uint8_t* from =
        input.row(place(source.y, source.height, y, size.height, input.size().height));
    std::uint8_t* to = output->row(y);
    for (std::int64_t x = 0; x < size.width; ++x, to += bytes) {
      const std::int64_t column = place(source.x, source.width, x, size.width, input.size().width);
      std::memcpy(to, from + static_cast<std::size_t>(column) * bytes, bytes);
    }
  };
  auto done = for_rows(size.height, output->row_bytes(), allowance.deadline, take_row);
  if (!done) return pass_on(done);
  return output;
}

// The factor by which whole cells are averaged before the filter.
std::int64_t coarse_factor(double length, std::int64_t output) {
  const double ratio = length / static_cast<double>(output);
  return ratio <= kMaxFilterRatio ? 1 : static_cast<std::int64_t>(ratio / (kMaxFilterRatio / 2));
}

bool lies_within(const RectF& rect, const Size& size) {
  return rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0 &&
         rect.x + rect.width <= static_cast<double>(size.width) &&
         rect.y + rect.height <= static_cast<double>(size.height);
}

}  // namespace

Result<Raster> resample(Raster input, const RectF& source, const Size& size,
                        Interpolation interpolation, const Allowance& allowance) {
  if (!lies_within(source, input.size()) || size.empty()) {
    return fail(ErrorKind::internal, "The picture can not be scaled",
                "resample: the source rectangle is empty or not within the raster");
  }
  if (is_whole(source.x) && is_whole(source.y) && source.width == static_cast<double>(size.width) &&
      source.height == static_cast<double>(size.height)) {
    const Rect rect{static_cast<std::int64_t>(source.x), static_cast<std::int64_t>(source.y),
                    size.width, size.height};
    return cropped(std::move(input), rect, allowance);
  }
  if (interpolation == Interpolation::nearest) return nearest(input, source, size, allowance);

  RectF part = source;
  const std::int64_t factor_x = coarse_factor(source.width, size.width);
  const std::int64_t factor_y = coarse_factor(source.height, size.height);
  if (factor_x > 1 || factor_y > 1) {
    auto coarse = box_shrink(std::move(input), factor_x, factor_y, allowance);
    if (!coarse) return coarse;
    input = std::move(*coarse);
    const auto fx = static_cast<double>(factor_x);
    const auto fy = static_cast<double>(factor_y);
    part = {source.x / fx, source.y / fy, source.width / fx, source.height / fy};
  }
  return filtered(input, part, size, interpolation, allowance);
}

}  // namespace iip

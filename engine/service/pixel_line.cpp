#include "engine/service/pixel_line.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/service/read_scaled.h"

namespace iip {

namespace {

// part * length / whole, rounded to the nearest whole number, halves away from 0.
std::int64_t rounded_part(std::int64_t length, std::int64_t part, std::int64_t whole) {
  const std::int64_t magnitude = (2 * std::abs(length) * part + whole) / (2 * whole);
  return length < 0 ? -magnitude : magnitude;
}

bool is_within(const Pixel& pixel, const Size& size) {
  return pixel.x >= 0 && pixel.y >= 0 && pixel.x < size.width && pixel.y < size.height;
}

// Longer than any level that can be served, and small enough to be multiplied with itself.
constexpr std::int64_t kLongestSide = std::int64_t{1} << 30U;

bool is_sane(const Pixel& pixel) {
  return std::abs(pixel.x) <= kLongestSide && std::abs(pixel.y) <= kLongestSide;
}

template <class T>
double sample_at(const std::uint8_t* pixel, std::size_t channel) {
  T value;
  std::memcpy(&value, pixel + channel * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

double value_at(const std::uint8_t* pixel, std::size_t channel, SampleType type) {
  switch (type) {
    case SampleType::u8:
      return sample_at<std::uint8_t>(pixel, channel);
    case SampleType::u16:
      return sample_at<std::uint16_t>(pixel, channel);
    case SampleType::u32:
      return sample_at<std::uint32_t>(pixel, channel);
    default:
      return sample_at<float>(pixel, channel);
  }
}

void append_values(std::vector<double>& values, const Raster& raster, const Pixel& pixel,
                   double offset) {
  const PixelFormat& format = raster.format();
  const std::uint8_t* at =
      raster.row(pixel.y) + static_cast<std::size_t>(pixel.x) * format.pixel_bytes();
  for (std::size_t c = 0; c < static_cast<std::size_t>(format.channels()); ++c) {
    values.push_back(value_at(at, c, format.type) + offset);
  }
}

Rect of_pixel(const Pixel& pixel) { return {pixel.x, pixel.y, 1, 1}; }

Rect united(const Rect& a, const Rect& b) {
  const std::int64_t left = std::min(a.x, b.x);
  const std::int64_t top = std::min(a.y, b.y);
  return {left, top, std::max(a.right(), b.right()) - left, std::max(a.bottom(), b.bottom()) - top};
}

// A run of pixels of the line that lie in one tile, and the rectangle around them.
struct Run {
  std::int64_t end;  // exclusive
  Rect rect;
};

Run run_from(std::int64_t begin, const PixelLine& line, const Size& tile) {
  const auto tile_of = [&](const Pixel& pixel) {
    return Pixel{pixel.x / tile.width, pixel.y / tile.height};
  };
  const Pixel first = tile_of(line.at(begin));
  Run run{begin + 1, of_pixel(line.at(begin))};
  while (run.end < line.length()) {
    const Pixel next = line.at(run.end);
    const Rect grown = united(run.rect, of_pixel(next));
    const bool same_tile = tile_of(next).x == first.x && tile_of(next).y == first.y;
    if (!same_tile || grown.size().area() > kMostReadAtOnce) break;
    run.rect = grown;
    ++run.end;
  }
  return run;
}

}  // namespace

PixelLine::PixelLine(Pixel start, Pixel end)
    : start_(start),
      across_(end.x - start.x),
      down_(end.y - start.y),
      steps_(std::max(std::abs(across_), std::abs(down_))),
      length_(std::max<std::int64_t>(steps_, 1)) {}

Result<PixelLine> PixelLine::between(Pixel start, Pixel end, const Size& level) {
  if (is_sane(start) && is_sane(end)) {
    const PixelLine line(start, end);
    if (is_within(start, level) && is_within(line.at(line.length() - 1), level)) return line;
  }
  return fail(ErrorKind::malformed, "The line leaves the resolution, which has " +
                                        std::to_string(level.width) + "x" +
                                        std::to_string(level.height) + " pixels");
}

Pixel PixelLine::at(std::int64_t index) const {
  if (steps_ == 0) return start_;
  return {start_.x + rounded_part(across_, index, steps_),
          start_.y + rounded_part(down_, index, steps_)};
}

Result<std::vector<double>> read_values(const Source& source, const ReadContext& context,
                                        std::size_t level, const PixelLine& line) {
  const ImageInfo& info = source.info();
  const auto channels = static_cast<std::size_t>(info.format.channels());
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(line.length()) * channels);
  for (std::int64_t at = 0; at < line.length();) {
    const Run run = run_from(at, line, info.levels[level].tile);
    if (Status allowed = context.spend(source.effort(level, run.rect)); !allowed) {
      return pass_on(allowed);
    }
    const auto raster = source.read(context, level, run.rect);
    if (!raster) return tl::unexpected(raster.error());
    for (; at < run.end; ++at) {
      const Pixel pixel = line.at(at);
      append_values(values, *raster, {pixel.x - run.rect.x, pixel.y - run.rect.y},
                    info.value_offset);
    }
  }
  return values;
}

}  // namespace iip

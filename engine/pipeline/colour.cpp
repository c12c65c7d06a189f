#include <array>

#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// 0.299 R + 0.587 G + 0.114 B, rounded to the nearest whole number; exact for greys.
std::uint8_t luma(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((299U * rgb[0] + 587U * rgb[1] + 114U * rgb[2] + 500U) / 1000U);
}

}  // namespace

Result<Raster> to_grey(Raster input, MemoryBudget& budget) {
  const PixelFormat& format = input.format();
  if (format.model == ColourModel::grey) return input;
  if (format.type != SampleType::u8) {
    return fail(ErrorKind::unsupported, "Greys of pictures of more than 8 bits are not supported");
  }
  auto output =
      Raster::create(input.size(), {SampleType::u8, ColourModel::grey, format.alpha}, budget);
  if (!output) return output;
  for (std::int64_t y = 0; y < input.size().height; ++y) {
    const std::uint8_t* from = input.row(y);
    std::uint8_t* to = output->row(y);
    if (format.alpha) {
      for (std::int64_t x = 0; x < input.size().width; ++x) {
        to[2 * x] = luma(from + 4 * x);
        to[2 * x + 1] = from[4 * x + 3];
      }
    } else {
      for (std::int64_t x = 0; x < input.size().width; ++x) to[x] = luma(from + 3 * x);
    }
  }
  return output;
}

void to_bitonal(Raster& grey, int threshold) {
  std::array<std::uint8_t, 256> value_of{};
  for (int value = 0; value < 256; ++value) {
    value_of[static_cast<std::size_t>(value)] = value < threshold ? 0 : 255;
  }
  const std::int64_t step = grey.channels();
  for (std::int64_t y = 0; y < grey.size().height; ++y) {
    std::uint8_t* samples = grey.row(y);
    for (std::int64_t x = 0; x < grey.size().width; ++x) {
      samples[x * step] = value_of[samples[x * step]];
    }
  }
}

}  // namespace iip

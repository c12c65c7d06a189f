#include "engine/pipeline/stages.h"

namespace iip {

namespace {

constexpr std::uint32_t kWhite = 255;

template <std::size_t kColours>
void flatten_line(const std::uint8_t* from, std::int64_t width, std::uint8_t* to) {
  for (std::int64_t x = 0; x < width; ++x, from += kColours + 1, to += kColours) {
    const std::uint32_t alpha = from[kColours];
    for (std::size_t c = 0; c < kColours; ++c) {
      to[c] = static_cast<std::uint8_t>((from[c] * alpha + kWhite * (kWhite - alpha) + kWhite / 2) /
                                        kWhite);
    }
  }
}

}  // namespace

Result<Raster> flatten_on_white(Raster input, MemoryBudget& budget) {
  const PixelFormat& format = input.format();
  if (!format.alpha) return input;
  if (format.type != SampleType::u8) {
    return fail(ErrorKind::unsupported,
                "Transparent pictures of more than 8 bits are not supported");
  }
  auto output = Raster::create(input.size(), {format.type, format.model, false}, budget);
  if (!output) return output;
  for (std::int64_t y = 0; y < input.size().height; ++y) {
    if (format.model == ColourModel::grey) {
      flatten_line<1>(input.row(y), input.size().width, output->row(y));
    } else {
      flatten_line<3>(input.row(y), input.size().width, output->row(y));
    }
  }
  return output;
}

}  // namespace iip

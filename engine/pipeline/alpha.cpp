#include "engine/base/checkpoint.h"
#include "engine/image/sample.h"
#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// What a colour is on white, by the sums that its depth needs.
std::uint8_t on_white(std::uint8_t colour, std::uint8_t alpha) {
  constexpr std::uint32_t kWhite = kFullSample<std::uint8_t>;
  return static_cast<std::uint8_t>(
      (std::uint32_t{colour} * alpha + kWhite * (kWhite - alpha) + kWhite / 2) / kWhite);
}

std::uint16_t on_white(std::uint16_t colour, std::uint16_t alpha) {
  constexpr std::uint64_t kWhite = kFullSample<std::uint16_t>;
  return static_cast<std::uint16_t>(
      (std::uint64_t{colour} * alpha + kWhite * (kWhite - alpha) + kWhite / 2) / kWhite);
}

float on_white(float colour, float alpha) { return colour * alpha + (1 - alpha); }

template <class T, std::size_t kColours>
void flatten_line(const T* from, std::int64_t width, T* to) {
  for (std::int64_t x = 0; x < width; ++x, from += kColours + 1, to += kColours) {
    for (std::size_t c = 0; c < kColours; ++c) to[c] = on_white(from[c], from[kColours]);
  }
}

template <class T>
Status flatten(const Raster& input, Raster& output, const Deadline& deadline) {
  const std::uint64_t samples = input.row_bytes() / sizeof(T);
  return for_rows(input.size().height, samples, deadline, [&](std::int64_t y) {
    const T* from = input.samples<T>(y).data();
    T* to = output.samples<T>(y).data();
    if (input.format().model == ColourModel::grey) {
      flatten_line<T, 1>(from, input.size().width, to);
    } else {
      flatten_line<T, 3>(from, input.size().width, to);
    }
  });
}

}  // namespace

Result<Raster> flatten_on_white(Raster input, const Allowance& allowance) {
  const PixelFormat& format = input.format();
  if (!format.alpha) return input;
  if (!is_picture(format)) {
    return fail(ErrorKind::internal, "The picture can not be put on white",
                "flatten_on_white: the raster is no grey or RGB picture");
  }
  auto output = Raster::create(input.size(), {format.type, format.model, false}, allowance.budget);
  if (!output) return output;
  const Deadline& deadline = allowance.deadline;
  const Status done =
      format.type == SampleType::u8    ? flatten<std::uint8_t>(input, *output, deadline)
      : format.type == SampleType::u16 ? flatten<std::uint16_t>(input, *output, deadline)
                                       : flatten<float>(input, *output, deadline);
  if (!done) return tl::unexpected(done.error());
  return output;
}

}  // namespace iip

#include <algorithm>

#include "engine/base/checkpoint.h"
#include "engine/image/sample.h"
#include "engine/pipeline/colour/colour_model.h"

namespace iip {

namespace {

template <class T>
Status convert(const Raster& input, double full, Raster& output, const Deadline& deadline) {
  const auto from_step = static_cast<std::size_t>(input.channels());
  const auto to_step = static_cast<std::size_t>(output.channels());
  const std::uint64_t samples = input.row_bytes() / sizeof(T);
  return for_rows(input.size().height, samples, deadline, [&](std::int64_t y) {
    const T* from = input.samples<T>(y).data();
    T* to = output.samples<T>(y).data();
    for (std::int64_t x = 0; x < input.size().width; ++x, from += from_step, to += to_step) {
      const auto left_white = [&](std::size_t ink) {
        return std::max(0.0, full - static_cast<double>(from[ink]));
      };
      for (std::size_t c = 0; c < 3; ++c) {
        to[c] = to_sample<T>(left_white(c) * left_white(3) / full);
      }
      std::copy(from + 4, from + from_step, to + 3);
    }
  });
}

}  // namespace

Result<ScaledRaster> cmyk_to_rgb(ScaledRaster input, const Allowance& allowance) {
  PixelFormat format = input.raster.format();
  if (format.model != ColourModel::cmyk) {
    return fail(ErrorKind::internal, "The colours can not be converted",
                "cmyk_to_rgb: the raster is not CMYK");
  }
  format.model = ColourModel::rgb;
  auto output = Raster::create(input.raster.size(), format, allowance.budget);
  if (!output) return pass_on(output);
  const double full = input.scale.opaque;
  auto done = with_sample_type(format.type, [&](auto sample) {
    return convert<decltype(sample)>(input.raster, full, *output, allowance.deadline);
  });
  if (!done) return pass_on(done);
  SampleScale scale = std::move(input.scale);
  scale.ranges.erase(scale.ranges.begin());
  for (std::size_t c = 0; c < 3; ++c) scale.ranges[c] = {0, full};
  scale.offset = 0;
  return ScaledRaster{std::move(*output), std::move(scale)};
}

}  // namespace iip

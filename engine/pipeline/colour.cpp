#include "engine/base/checkpoint.h"
#include "engine/image/sample.h"
#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// 0.299 R + 0.587 G + 0.114 B, where samples are whole numbers rounded to the nearest; exact for
// greys.
template <class T>
T luma(const T* rgb) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>((299.0 * rgb[0] + 587.0 * rgb[1] + 114.0 * rgb[2]) / 1000);
  } else {
    return static_cast<T>((299U * rgb[0] + 587U * rgb[1] + 114U * rgb[2] + 500U) / 1000U);
  }
}

template <class T>
void grey_line(const T* from, std::int64_t width, bool alpha, T* to) {
  if (alpha) {
    for (std::int64_t x = 0; x < width; ++x) {
      to[2 * x] = luma(from + 4 * x);
      to[2 * x + 1] = from[4 * x + 3];
    }
  } else {
    for (std::int64_t x = 0; x < width; ++x) to[x] = luma(from + 3 * x);
  }
}

template <class T>
Status grey_lines(const Raster& input, Raster& output, const Deadline& deadline) {
  const std::uint64_t samples = input.row_bytes() / sizeof(T);
  return for_rows(input.size().height, samples, deadline, [&](std::int64_t y) {
    grey_line(input.samples<T>(y).data(), input.size().width, input.format().alpha,
              output.samples<T>(y).data());
  });
}

template <class T>
Status part_at(Raster& grey, int threshold, const Deadline& deadline) {
  const double least = static_cast<double>(threshold) * static_cast<double>(kFullSample<T>) / 255;
  const std::int64_t step = grey.channels();
  return for_rows(grey.size().height, grey.row_bytes() / sizeof(T), deadline, [&](std::int64_t y) {
    T* samples = grey.samples<T>(y).data();
    for (std::int64_t x = 0; x < grey.size().width; ++x) {
      samples[x * step] = static_cast<double>(samples[x * step]) < least ? T{0} : kFullSample<T>;
    }
  });
}

}  // namespace

Result<Raster> to_grey(Raster input, const Allowance& allowance) {
  const PixelFormat& format = input.format();
  if (format.model == ColourModel::grey) return input;
  if (!is_picture(format)) {
    return fail(ErrorKind::internal, "The picture can not be made grey",
                "to_grey: the raster is no RGB picture");
  }
  auto output = Raster::create(input.size(), {format.type, ColourModel::grey, format.alpha},
                               allowance.budget);
  if (!output) return output;
  const Deadline& deadline = allowance.deadline;
  const Status done =
      format.type == SampleType::u8    ? grey_lines<std::uint8_t>(input, *output, deadline)
      : format.type == SampleType::u16 ? grey_lines<std::uint16_t>(input, *output, deadline)
                                       : grey_lines<float>(input, *output, deadline);
  if (!done) return tl::unexpected(done.error());
  return output;
}

Status to_bitonal(Raster& grey, int threshold, const Deadline& deadline) {
  return with_sample_type(grey.format().type, [&](auto sample) {
    return part_at<decltype(sample)>(grey, threshold, deadline);
  });
}

}  // namespace iip

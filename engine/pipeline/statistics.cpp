#include "engine/pipeline/statistics.h"

#include <algorithm>

#include "engine/base/checkpoint.h"
#include "engine/image/sample.h"
#include "engine/pipeline/normalise.h"
#include "engine/pipeline/process.h"

namespace iip {

namespace {

struct Extremes {
  double least = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();

  void add(const Extremes& other) {
    least = std::min(least, other.least);
    largest = std::max(largest, other.largest);
  }
  bool none() const { return least > largest; }
};

// Calls `take` with each pixel that is not wholly transparent.
template <class T, class Take>
Status for_visible_pixels(const Raster& raster, const Deadline& deadline, Take take) {
  const auto step = static_cast<std::size_t>(raster.channels());
  const bool alpha = raster.format().alpha;
  const std::uint64_t samples = raster.row_bytes() / sizeof(T);
  return for_rows(raster.size().height, samples, deadline, [&](std::int64_t y) {
    const T* pixel = raster.samples<T>(y).data();
    for (std::int64_t x = 0; x < raster.size().width; ++x, pixel += step) {
      if (!alpha || pixel[step - 1] > 0) take(pixel);
    }
  });
}

template <class T>
Result<std::vector<Extremes>> extremes_of(const Raster& raster, std::size_t channels,
                                          const Deadline& deadline) {
  std::vector<Extremes> extremes(channels);
  auto done = for_visible_pixels<T>(raster, deadline, [&](const T* pixel) {
    for (std::size_t c = 0; c < channels; ++c) {
      if (!is_finite(pixel[c])) continue;
      const auto value = static_cast<double>(pixel[c]);
      extremes[c].add({value, value});
    }
  });
  if (!done) return pass_on(done);
  return extremes;
}

template <class T>
Result<Histogram> histogram_of(const Raster& raster, const std::vector<SampleRange>& ranges,
                               const Deadline& deadline) {
  std::vector<ChannelScale> scales;
  scales.reserve(ranges.size());
  for (const SampleRange& range : ranges) {
    scales.push_back({range.min, range.max == range.min ? 1 : range.max - range.min});
  }
  const bool colour = shows_colour(static_cast<int>(ranges.size()));
  Histogram counts{};
  auto done = for_visible_pixels<T>(raster, deadline, [&](const T* pixel) {
    const auto fraction = [&](std::size_t c) {
      return static_cast<double>(scales[c].fraction(pixel[c]));
    };
    if (!is_finite(pixel[0])) return;
    const double grey =
        colour ? 0.299 * fraction(0) + 0.587 * fraction(1) + 0.114 * fraction(2) : fraction(0);
    ++counts[to_sample<std::uint8_t>(255 * grey)];
  });
  if (!done) return pass_on(done);
  return counts;
}

}  // namespace

Result<Statistics> measure(const Raster& raster, const SampleScale& scale,
                           const Deadline& deadline) {
  const PixelFormat& format = raster.format();
  const int shown = format.shown_channels();
  const auto channels = static_cast<std::size_t>(shown);
  return with_sample_type(format.type, [&](auto sample) -> Result<Statistics> {
    using T = decltype(sample);
    auto counted = extremes_of<T>(raster, channels, deadline);
    if (!counted) return pass_on(counted);
    std::vector<Extremes>& extremes = *counted;
    const auto colours = extremes.begin() + format.colours();
    Extremes of_colours;
    std::for_each(extremes.begin(), colours, [&](const Extremes& e) { of_colours.add(e); });
    std::fill(extremes.begin(), colours, of_colours);

    Statistics statistics;
    for (std::size_t c = 0; c < channels; ++c) {
      const Extremes& found = extremes[c];
      statistics.ranges.push_back(found.none() ? scale.ranges[c]
                                               : SampleRange{found.least, found.largest});
    }
    statistics.histogram_ranges = sizeof(T) == 1
                                      ? std::vector<SampleRange>(channels, SampleRange{0, 255})
                                      : statistics.ranges;
    auto histogram = histogram_of<T>(raster, statistics.histogram_ranges, deadline);
    if (!histogram) return pass_on(histogram);
    statistics.histogram = *histogram;
    return statistics;
  });
}

}  // namespace iip

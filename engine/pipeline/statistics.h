// What is known of the values of a whole image: for stretching and equalising it the same way in
// every tile. A value type; the functions keep nothing and are for any thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/image/raster.h"
#include "engine/pipeline/sample_scale.h"

namespace iip {

// Counts of 256 greys.
using Histogram = std::array<std::uint64_t, 256>;

// Ranges are in terms of the samples, one per channel without alpha. Samples that are not finite
// and pixels that are wholly transparent do not count.
struct Statistics {
  // The least and the largest value: of colours over all of them, so that stretching keeps hues; of
  // each further channel for itself. Where there is no value, the range that the image states.
  std::vector<SampleRange> ranges;
  // What the histogram spreads over its 256 greys: of 8-bit samples 0 to 255, else `ranges`.
  std::vector<SampleRange> histogram_ranges;
  // Counts the luma of pixels that are shown in colour, else the first channel; rounded.
  Histogram histogram{};
};

// `raster` stands for the whole image. Any format.
Result<Statistics> measure(const Raster& raster, const SampleScale& scale,
                           const Deadline& deadline);

}  // namespace iip

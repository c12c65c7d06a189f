// Samples become fractions: v' = (v - min) / (max - min), each channel by its own range.
//
// The range is what MINMAX says, else (CNT=stretch) that of the whole image's values, else the
// image's own. min may be above max, which inverts. An empty range parts at its value: up to it
// black, above it white. Samples that are not finite become 0; a bound that is not a number is left
// out, an infinite one counts as 1e30, and no fraction is further than 1e30 from 0. Values are in
// the file's own terms (value_offset added). A value type; the functions keep nothing and are for
// any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/image/sample.h"
#include "engine/model/processing.h"
#include "engine/pipeline/sample_scale.h"
#include "engine/pipeline/statistics.h"

namespace iip {

// The way of one channel to fractions.
struct ChannelScale {
  double min = 0;
  double span = 255;  // never 0

  template <class T>
  float fraction(T sample) const {
    constexpr double kMost = 1e30;
    if (!is_finite(sample)) return 0;
    const double value = (static_cast<double>(sample) - min) / span;
    return static_cast<float>(std::min(std::max(value, -kMost), kMost));
  }
};

// One per channel of `scale`. `statistics` may be null where the spread is as_is.
std::vector<ChannelScale> channel_scales(const Processing& processing, const SampleScale& scale,
                                         const Statistics* statistics);

// Every `step`th sample from the first, as many as there are fractions.
template <class T>
void normalise(const T* samples, std::size_t step, const ChannelScale& scale,
               std::span<float> fractions) {
  for (float& fraction : fractions) {
    fraction = scale.fraction(*samples);
    samples += step;
  }
}

}  // namespace iip

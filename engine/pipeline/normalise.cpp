#include "engine/pipeline/normalise.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace iip {

namespace {

constexpr double kMost = 1e30;        // the largest bound of a range, to either side of 0
constexpr double kLeastSpan = 1e-30;  // the least that a range spans

double bound(double value, double otherwise) {
  return std::isnan(value) ? otherwise : std::clamp(value, -kMost, kMost);
}

ChannelScale scale_between(double min, double max) {
  const double span = max - min;
  return {min, std::abs(span) < kLeastSpan ? kLeastSpan : span};
}

// Which of the asked ranges holds for the channel: of two the later.
const ChannelRange* asked_range(const Processing& processing, std::size_t channel) {
  const ChannelRange* found = nullptr;
  for (const ChannelRange& range : processing.ranges) {
    if (!range.channel || std::cmp_equal(*range.channel, channel)) found = &range;
  }
  return found;
}

}  // namespace

std::vector<ChannelScale> channel_scales(const Processing& processing, const SampleScale& scale,
                                         const Statistics* statistics) {
  std::vector<ChannelScale> scales;
  for (std::size_t c = 0; c < scale.ranges.size(); ++c) {
    SampleRange range = scale.ranges[c];
    if (processing.spread != Spread::as_is && statistics != nullptr &&
        c < statistics->ranges.size()) {
      range = processing.spread == Spread::stretch ? statistics->ranges[c]
                                                   : statistics->histogram_ranges[c];
    }
    const ChannelRange* asked = asked_range(processing, c);
    if (asked != nullptr && processing.spread != Spread::equalise) {
      range = {bound(asked->min - scale.offset, range.min),
               bound(asked->max - scale.offset, range.max)};
    }
    scales.push_back(scale_between(range.min, range.max));
  }
  return scales;
}

}  // namespace iip

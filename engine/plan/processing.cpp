#include "engine/plan/processing.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace iip {

namespace {

using Ranges = std::vector<ChannelRange>;

constexpr std::size_t kColours = 3;

// One for each channel that has one, in the order of the channels.
Ranges by_channel(const Ranges& asked, std::size_t channels) {
  std::vector<std::optional<ChannelRange>> last(channels);
  for (const ChannelRange& range : asked) {
    for (std::size_t i = 0; i < channels; ++i) {
      if (!range.channel || std::cmp_equal(*range.channel, i)) last[i] = range;
    }
  }
  Ranges ranges;
  for (std::size_t i = 0; i < channels; ++i) {
    if (last[i]) ranges.push_back({static_cast<int>(i), last[i]->min, last[i]->max});
  }
  return ranges;
}

// What a channel is shown by where nobody asks for another range.
bool is_own_range(const ChannelRange& range, const ImageInfo& info) {
  const auto channel = static_cast<std::size_t>(*range.channel);
  return channel < info.ranges.size() && range.min == info.ranges[channel].min &&
         range.max == info.ranges[channel].max;
}

// Samples of 8 bits are shown as they are, unless something is done to them: only then does what
// the file says of its range matter.
bool changes_nothing_alone(const ChannelRange& range, const ImageInfo& info) {
  if (info.format.type != SampleType::u8) return true;
  return range.min == 0 && range.max == 255;
}

void drop_own_ranges(Processing& processing, const ImageInfo& info) {
  // The others are shown in another colour model than the file's.
  if (info.format.model != ColourModel::grey && info.format.model != ColourModel::rgb) return;
  // What is asked for takes the place of the range of the values that there are.
  if (processing.spread != Spread::as_is) return;
  Processing rest = processing;
  rest.ranges.clear();
  auto& ranges = processing.ranges;
  const bool is_alone = rest.is_neutral();
  const bool all_own = std::all_of(ranges.begin(), ranges.end(),
                                   [&](const auto& range) { return is_own_range(range, info); });
  const bool matters =
      is_alone && all_own && !std::all_of(ranges.begin(), ranges.end(), [&](const auto& range) {
        return changes_nothing_alone(range, info);
      });
  if (matters) return;
  std::erase_if(ranges, [&](const auto& range) { return is_own_range(range, info); });
}

// Without the factors that are 0 anyhow, as they are where none is given.
void trim_twist(ColourTwist& twist, std::size_t channels) {
  for (auto& row : twist) {
    if (row.size() > channels) row.resize(channels);
    while (!row.empty() && row.back() == 0) row.pop_back();
  }
}

bool is_identity(const ColourTwist& twist, std::size_t channels) {
  if (twist.size() != channels) return false;
  for (std::size_t i = 0; i < channels; ++i) {
    if (twist[i].size() != i + 1 || twist[i].back() != 1) return false;
    if (std::any_of(twist[i].begin(), twist[i].end() - 1, [](float f) { return f != 0; })) {
      return false;
    }
  }
  return true;
}

}  // namespace

Processing canonical_processing(const Processing& processing, const ImageInfo& info) {
  if (processing.is_neutral()) return {};
  Processing result = processing;
  const auto channels = static_cast<std::size_t>(info.format.channels());
  const auto shown = static_cast<std::size_t>(info.shown_channels());
  if (!result.hillshade) {
    trim_twist(result.twist, channels);
    if (!info.format.alpha && is_identity(result.twist, channels)) result.twist.clear();
  }
  if (result.kernel && result.kernel->side == 1 && result.kernel->weights[0] > 0) {
    result.kernel.reset();
  }
  // The histogram has a range of its own.
  if (result.spread == Spread::equalise) result.ranges.clear();
  if (!result.ranges.empty()) {
    result.ranges = by_channel(result.ranges, shown);
    drop_own_ranges(result, info);
  }
  return result;
}

bool makes_other_colours(const Processing& processing) {
  return processing.map != ColourMap::none || processing.hillshade || !processing.twist.empty();
}

bool is_grey_when_processed(const Processing& processing, const ImageInfo& info) {
  if (processing.map != ColourMap::none) return false;
  if (!processing.twist.empty()) return processing.twist.size() < kColours;
  return processing.hillshade || !info.is_shown_in_colour();
}

}  // namespace iip

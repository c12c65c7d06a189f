#include "engine/model/processing.h"

namespace iip {

bool Processing::is_neutral() const {
  return ranges.empty() && spread == Spread::as_is && !hillshade && twist.empty() && gamma == 1 &&
         !logarithm && !invert && map == ColourMap::none && !kernel && contrast == 1;
}

namespace {

// Taken apart into all its members, so that one more does not compile until it is known here.
void add(Hasher& hasher, const Processing& processing) {
  const auto& [ranges, spread, hillshade, twist, gamma, logarithm, invert, map, kernel, contrast] =
      processing;
  hasher.add(ranges.size());
  for (const ChannelRange& range : ranges) {
    hasher.add(range.channel.has_value());
    hasher.add(range.channel.value_or(0));
    hasher.add(range.min);
    hasher.add(range.max);
  }
  hasher.add(static_cast<int>(spread));
  hasher.add(hillshade.has_value());
  if (hillshade) {
    hasher.add(hillshade->azimuth);
    hasher.add(hillshade->elevation);
  }
  hasher.add(twist.size());
  for (const auto& row : twist) {
    hasher.add(row.size());
    for (const float factor : row) hasher.add(static_cast<double>(factor));
  }
  hasher.add(gamma);
  hasher.add(logarithm);
  hasher.add(invert);
  hasher.add(static_cast<int>(map));
  hasher.add(kernel.has_value());
  if (kernel) {
    hasher.add(kernel->side);
    for (const float weight : kernel->weights) hasher.add(static_cast<double>(weight));
  }
  hasher.add(contrast);
}

}  // namespace

void Processing::add_to(Hasher& hasher) const { add(hasher, *this); }

}  // namespace iip

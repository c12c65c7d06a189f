#include <array>

#include "engine/pipeline/stages.h"

namespace iip {

namespace {

using Histogram = std::array<std::uint64_t, 256>;

// A picture of a single grey has nothing to part: light becomes white, dark black.
constexpr int kMiddle = 128;

Histogram histogram_of(const Raster& grey) {
  Histogram counts{};
  const std::int64_t step = grey.channels();
  for (std::int64_t y = 0; y < grey.size().height; ++y) {
    const std::uint8_t* samples = grey.row(y);
    for (std::int64_t x = 0; x < grey.size().width; ++x) ++counts[samples[x * step]];
  }
  return counts;
}

}  // namespace

int otsu_threshold(const Raster& grey) {
  const Histogram counts = histogram_of(grey);
  double total = 0;
  double total_sum = 0;
  for (std::size_t value = 0; value < counts.size(); ++value) {
    total += static_cast<double>(counts[value]);
    total_sum += static_cast<double>(counts[value] * value);
  }

  int best = kMiddle;
  double best_variance = 0;
  double below = 0;      // pixels darker than the threshold
  double below_sum = 0;  // and the sum of their values
  for (std::size_t threshold = 1; threshold < counts.size(); ++threshold) {
    below += static_cast<double>(counts[threshold - 1]);
    below_sum += static_cast<double>(counts[threshold - 1] * (threshold - 1));
    const double above = total - below;
    if (below == 0 || above == 0) continue;
    const double distance = below_sum / below - (total_sum - below_sum) / above;
    const double variance = below * above * distance * distance;
    if (variance > best_variance) {
      best_variance = variance;
      best = static_cast<int>(threshold);
    }
  }
  return best;
}

}  // namespace iip

#include "engine/pipeline/twist.h"

#include <algorithm>
#include <cstddef>

namespace iip {

int channels_twisted(std::span<const std::vector<float>> rows, int channels) {
  std::size_t most = 0;
  for (const auto& row : rows) most = std::max(most, row.size());
  return static_cast<int>(std::min(most, static_cast<std::size_t>(channels)));
}

void twist(const PlanarLine& from, int channels, std::span<const std::vector<float>> rows,
           PlanarLine& to) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::span<float> sums = to.channel(static_cast<int>(k));
    std::fill(sums.begin(), sums.end(), 0.0F);
    const auto factors = std::min(rows[k].size(), static_cast<std::size_t>(channels));
    for (std::size_t j = 0; j < factors; ++j) {
      const float factor = rows[k][j];
      if (factor == 0) continue;
      const std::span<const float> values = from.channel(static_cast<int>(j));
      for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += factor * values[x];
    }
  }
}

}  // namespace iip

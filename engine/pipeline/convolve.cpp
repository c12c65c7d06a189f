#include "engine/pipeline/convolve.h"

#include <algorithm>
#include <cstddef>

namespace iip {

Convolver::Convolver(const Kernel& kernel) : side_(kernel.side) {
  const auto side = static_cast<std::size_t>(side_);
  const std::size_t count = side * side;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<double>(kernel.weights[i]);
  const double divisor = sum > 0 ? sum : 1;
  for (std::size_t i = 0; i < count; ++i) {
    weights_[i] = static_cast<float>(static_cast<double>(kernel.weights[i]) / divisor);
  }
}

void Convolver::convolve(const Lines& lines, std::int64_t first, std::span<float> result) const {
  std::fill(result.begin(), result.end(), 0.0F);
  const auto width = static_cast<std::int64_t>(lines[0].size());
  const auto count = static_cast<std::int64_t>(result.size());
  const float* weight_at = weights_.data();
  for (int j = 0; j < side_; ++j) {
    const std::span<const float> line = lines[static_cast<std::size_t>(j)];
    for (int i = 0; i < side_; ++i) {
      const float weight = *weight_at++;
      if (weight == 0) continue;
      const std::int64_t shift = first + i - reach();
      // Results from here to there lie within the line.
      const std::int64_t begin = std::clamp<std::int64_t>(-shift, 0, count);
      const std::int64_t end = std::clamp<std::int64_t>(width - shift, begin, count);
      for (std::int64_t x = 0; x < begin; ++x) {
        result[static_cast<std::size_t>(x)] += weight * line.front();
      }
      for (std::int64_t x = begin; x < end; ++x) {
        result[static_cast<std::size_t>(x)] += weight * line[static_cast<std::size_t>(x + shift)];
      }
      for (std::int64_t x = end; x < count; ++x) {
        result[static_cast<std::size_t>(x)] += weight * line.back();
      }
    }
  }
}

}  // namespace iip

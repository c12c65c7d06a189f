#include "engine/pipeline/equalise.h"

#include <cstddef>
#include <numeric>

namespace iip {

EqualiseCurve::EqualiseCurve(const Histogram& histogram) {
  Histogram up_to{};
  std::partial_sum(histogram.begin(), histogram.end(), up_to.begin());
  std::size_t first = 0;
  while (first < 255 && up_to[first] == 0) ++first;
  const auto rest = static_cast<double>(up_to.back() - up_to[first]);
  for (std::size_t i = 0; i < share_.size(); ++i) {
    if (rest == 0) {
      share_[i] = static_cast<float>(i) / 255;
    } else if (i > first) {
      share_[i] = static_cast<float>(static_cast<double>(up_to[i] - up_to[first]) / rest);
    }
  }
}

float EqualiseCurve::of(float fraction) const {
  const float place = fraction * 255;
  if (!(place > 0)) return share_.front();
  if (place >= 255) return share_.back();
  const auto below = static_cast<std::size_t>(place);
  const float part = place - static_cast<float>(below);
  return share_[below] + part * (share_[below + 1] - share_[below]);
}

}  // namespace iip

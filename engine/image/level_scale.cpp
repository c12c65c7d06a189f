#include "engine/image/level_scale.h"

#include <cmath>
#include <numbers>

namespace iip {

namespace {

bool is_rounded_quotient(std::int64_t side, std::int64_t full, double divisor) {
  return std::abs(static_cast<double>(side) - static_cast<double>(full) / divisor) < 1;
}

bool is_rounded_quotient(const Size& size, const Size& full, double divisor) {
  return is_rounded_quotient(size.width, full.width, divisor) &&
         is_rounded_quotient(size.height, full.height, divisor);
}

// Asked of every level for every request, and so without logarithms.
double nearest_power_of_two(double ratio) {
  double power = 1;
  while (ratio > power * std::numbers::sqrt2) power *= 2;
  return power;
}

}  // namespace

LevelScale level_scale(const ImageInfo& info, std::size_t level) {
  const Size& full = info.size();
  const Size& size = info.levels[level].size;
  // The longer side tells the most, it was changed least by rounding.
  const double ratio = static_cast<double>(std::max(full.width, full.height)) /
                       static_cast<double>(std::max(size.width, size.height));
  const double power = nearest_power_of_two(ratio);
  if (is_rounded_quotient(size, full, power)) return {power, power};
  const double whole = std::round(ratio);
  if (is_rounded_quotient(size, full, whole)) return {whole, whole};
  return {static_cast<double>(full.width) / static_cast<double>(size.width),
          static_cast<double>(full.height) / static_cast<double>(size.height)};
}

}  // namespace iip

#include "engine/source/j2k_wavelet.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace iip {

namespace {

constexpr std::int64_t kReach53 = 2;
constexpr std::int64_t kReach97 = 4;

// Of table F.4. The scale of the high-pass samples is doubled as their quantisation steps are
// taken without the band's gain.
constexpr float kAlpha = -1.586134342F;
constexpr float kBeta = -0.052980118F;
constexpr float kGamma = 0.882911075F;
constexpr float kDelta = 0.443506852F;
constexpr float kLowScale = 1.230174105F;
constexpr float kHighScale = 1.625732422F;

// What a sample becomes by its two neighbours. A damaged file may make them overflow: they wrap
// around.
struct LowStep53 {
  std::int32_t operator()(std::int32_t value, std::int32_t before, std::int32_t behind) const {
    return sum(value, -(sum(sum(before, behind), 2) >> 2));
  }
  static std::int32_t sum(std::int32_t a, std::int32_t b) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
  }
};
struct HighStep53 {
  std::int32_t operator()(std::int32_t value, std::int32_t before, std::int32_t behind) const {
    return LowStep53::sum(value, LowStep53::sum(before, behind) >> 1);
  }
};
struct Step97 {
  float factor;
  float operator()(float value, float before, float behind) const {
    return value + (before + behind) * factor;
  }
};

// As many samples as are taken at a time: a number that the compiler can make vectors of.
constexpr std::int64_t kTogether = 16;

// A lifting step: each of `count` samples takes from one of `before` and one of `behind`.
template <class T, class Step>
void lift(T* samples, const T* before, const T* behind, std::int64_t count, const Step& step) {
  std::int64_t i = 0;
  for (; i + kTogether <= count; i += kTogether) {
    std::array<T, kTogether> value{};
    std::array<T, kTogether> left{};
    std::array<T, kTogether> right{};
    std::memcpy(value.data(), samples + i, sizeof value);
    std::memcpy(left.data(), before + i, sizeof left);
    std::memcpy(right.data(), behind + i, sizeof right);
    for (std::size_t k = 0; k < kTogether; ++k) value[k] = step(value[k], left[k], right[k]);
    std::memcpy(samples + i, value.data(), sizeof value);
  }
  for (; i < count; ++i) samples[i] = step(samples[i], before[i], behind[i]);
}

// The low-pass and high-pass samples of one line apart from each other; beyond its ends the line
// goes on mirrored. `start` is 0 where it begins with a low-pass sample, and else 1.
template <class T>
class Line {
 public:
  Line(std::int64_t length, std::int64_t start)
      : start_(start),
        lows_((length + 1 - start) / 2),
        highs_(length - lows_),
        low_(static_cast<std::size_t>(lows_ + 2)),
        high_(static_cast<std::size_t>(highs_ + 2)) {}

  void take(const T* line) {
    for (std::int64_t i = 0; i < lows_; ++i) low()[i] = line[2 * i + start_];
    for (std::int64_t i = 0; i < highs_; ++i) high()[i] = line[2 * i + 1 - start_];
  }
  void give(T* line) {
    for (std::int64_t i = 0; i < lows_; ++i) line[2 * i + start_] = low()[i];
    for (std::int64_t i = 0; i < highs_; ++i) line[2 * i + 1 - start_] = high()[i];
  }
  void scale(T by_low, T by_high) {
    for (std::int64_t i = 0; i < lows_; ++i) low()[i] *= by_low;
    for (std::int64_t i = 0; i < highs_; ++i) high()[i] *= by_high;
  }

  template <class Step>
  void lift_low(const Step& step) {
    high()[-1] = high()[0];
    high()[highs_] = high()[highs_ - 1];
    lift(low(), high() - 1 + start_, high() + start_, lows_, step);
  }
  template <class Step>
  void lift_high(const Step& step) {
    low()[-1] = low()[0];
    low()[lows_] = low()[lows_ - 1];
    lift(high(), low() - start_, low() + 1 - start_, highs_, step);
  }

 private:
  T* low() { return low_.data() + 1; }
  T* high() { return high_.data() + 1; }

  const std::int64_t start_;
  const std::int64_t lows_;
  const std::int64_t highs_;
  std::vector<T> low_;  // and a sample before and behind
  std::vector<T> high_;
};

// A lifting step down the columns: of every second row, from the first of them.
template <class T, class Step>
void lift_rows(J2kSamples<T>& area, std::int64_t first, const Step& step) {
  const std::int64_t width = area.rect.width;
  const std::int64_t height = area.rect.height;
  for (std::int64_t i = first; i < height; i += 2) {
    T* const row = area.values.data() + i * width;
    const T* const above = i > 0 ? row - width : row + width;
    const T* const below = i + 1 < height ? row + width : row - width;
    lift(row, above, below, width, step);
  }
}

}  // namespace

Rect j2k_filter_area(const Rect& part, const Rect& whole, bool reversible) {
  const std::int64_t reach = reversible ? kReach53 : kReach97;
  return intersect(
      {part.x - reach, part.y - reach, part.width + 2 * reach, part.height + 2 * reach}, whole);
}

Rect j2k_area_in_band(const Rect& area, int odd_across, int odd_down) {
  // The first place of the parity at `at` or behind it.
  const auto edge = [](std::int64_t at, int odd) { return (at + 1 - odd) >> 1; };
  const std::int64_t left = edge(area.x, odd_across);
  const std::int64_t top = edge(area.y, odd_down);
  return {left, top, edge(area.right(), odd_across) - left, edge(area.bottom(), odd_down) - top};
}

void j2k_inverse_wavelet(J2kSamples<std::int32_t>& area) {
  const Rect& rect = area.rect;
  const std::int64_t left = rect.x & 1;
  const std::int64_t top = rect.y & 1;
  if (rect.width > 1) {
    Line<std::int32_t> line(rect.width, left);
    for (std::int64_t y = rect.y; y < rect.bottom(); ++y) {
      line.take(area.row(y));
      line.lift_low(LowStep53{});
      line.lift_high(HighStep53{});
      line.give(area.row(y));
    }
  } else if (left == 1) {
    for (std::int32_t& value : area.values) value /= 2;
  }
  if (rect.height > 1) {
    lift_rows(area, top, LowStep53{});
    lift_rows(area, 1 - top, HighStep53{});
  } else if (top == 1) {
    for (std::int32_t& value : area.values) value /= 2;
  }
}

void j2k_inverse_wavelet(J2kSamples<float>& area) {
  const Rect& rect = area.rect;
  const std::int64_t left = rect.x & 1;
  const std::int64_t top = rect.y & 1;
  if (rect.width > 1) {
    Line<float> line(rect.width, left);
    for (std::int64_t y = rect.y; y < rect.bottom(); ++y) {
      line.take(area.row(y));
      line.scale(kLowScale, kHighScale);
      line.lift_low(Step97{-kDelta});
      line.lift_high(Step97{-kGamma});
      line.lift_low(Step97{-kBeta});
      line.lift_high(Step97{-kAlpha});
      line.give(area.row(y));
    }
  }
  if (rect.height > 1) {
    for (std::int64_t y = rect.y; y < rect.bottom(); ++y) {
      const float scale = (y & 1) == 0 ? kLowScale : kHighScale;
      float* const row = area.row(y);
      for (std::int64_t x = 0; x < rect.width; ++x) row[x] *= scale;
    }
    lift_rows(area, top, Step97{-kDelta});
    lift_rows(area, 1 - top, Step97{-kGamma});
    lift_rows(area, top, Step97{-kBeta});
    lift_rows(area, 1 - top, Step97{-kAlpha});
  }
}

}  // namespace iip

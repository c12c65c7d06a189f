#include "engine/formats/jpeg2000/decode/wavelet.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "engine/formats/jpeg2000/decode/vectors.h"

namespace iip {

namespace {

constexpr std::int64_t kReach53 = 2;
constexpr std::int64_t kReach97 = 4;

// The factors of table F.4. The scale of the high-pass samples is doubled as their quantisation
// steps are taken without the band's gain, and is 1/30000 less than 2 / K, as it is in OpenJPEG.
constexpr float kAlpha = -1.586134342F;
constexpr float kBeta = -0.052980118F;
constexpr float kGamma = 0.882911075F;
constexpr float kDelta = 0.443506852F;
constexpr float kLowScale = 1.230174105F;
constexpr float kHighScale = 1.625732422F;

// What a sample becomes by its two neighbours.
struct LowStep53 {
  template <class V>
  V operator()(const V& value, const V& before, const V& behind) const {
    return j2k_sum(value, -(j2k_sum(j2k_sum(before, behind), V{} + 2) >> 2));
  }
};
struct HighStep53 {
  template <class V>
  V operator()(const V& value, const V& before, const V& behind) const {
    return j2k_sum(value, j2k_sum(before, behind) >> 1);
  }
};
struct Step97 {
  float factor;
  template <class V>
  V operator()(const V& value, const V& before, const V& behind) const {
    return value + (before + behind) * factor;
  }
};

// A lifting step: each of `count` samples takes from one of `before` and one of `behind`.
template <class T, class Step>
void lift(T* samples, const T* before, const T* behind, std::int64_t count, const Step& step) {
  j2k_in_vectors<T>(
      count, [&](std::int64_t i, auto as) __attribute__((always_inline)) {
        using V = decltype(as);
        const V value = j2k_load<V>(samples + i);
        j2k_store(step(value, j2k_load<V>(before + i), j2k_load<V>(behind + i)), samples + i);
      });
}

void scale(const float* from, float factor, float* to, std::int64_t count) {
  j2k_in_vectors<float>(
      count, [&](std::int64_t i, auto as) __attribute__((always_inline)) {
        j2k_store(j2k_load<decltype(as)>(from + i) * factor, to + i);
      });
}

// The low-pass and high-pass samples of one line; beyond its ends the line goes on mirrored.
// `start` is 0 where it begins with a low-pass sample, and else 1.
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
    std::copy_n(line, lows_, low());
    std::copy_n(line + lows_, highs_, high());
  }
  void take_scaled(const T* line, T by_low, T by_high) {
    scale(line, by_low, low(), lows_);
    scale(line + lows_, by_high, high(), highs_);
  }
  // Each sample to its place.
  void give(T* line) {
    const T* const first = start_ == 0 ? low() : high();
    const T* const second = start_ == 0 ? high() : low();
    const std::int64_t pairs = std::min(lows_, highs_);
    for (std::int64_t i = 0; i < pairs; ++i) {
      const std::array<T, 2> pair{first[i], second[i]};
      std::memcpy(line + 2 * i, pair.data(), sizeof pair);
    }
    if (lows_ != highs_) line[2 * pairs] = first[pairs];
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

// Columns that lie beside each other, so few that they stay in the processor's nearest cache.
template <class T>
struct Columns {
  J2kSamples<T>& area;
  std::int64_t first = 0;
  std::int64_t count = 0;

  T* row(std::int64_t i) const { return area.row(area.rect.y + i) + first; }

  // A lifting step down the columns: of every second row, from `from` on.
  template <class Step>
  void lift_rows(std::int64_t from, const Step& step) const {
    const std::int64_t height = area.rect.height;
    for (std::int64_t i = from; i < height; i += 2) {
      const T* const above = row(i > 0 ? i - 1 : i + 1);
      const T* const below = row(i + 1 < height ? i + 1 : i - 1);
      lift(row(i), above, below, count, step);
    }
  }
};

template <class T, class Work>
void for_each_columns(J2kSamples<T>& area, const Work& work) {
  constexpr std::int64_t kColumns = 32;
  const std::int64_t width = area.rect.width;
  for (std::int64_t x = 0; x < width; x += kColumns) {
    work(Columns<T>{area, x, std::min(kColumns, width - x)});
  }
}

// Halves the samples of a single row or column at an odd place.
void halve(J2kSamples<std::int32_t>& area) {
  std::int32_t* const first = area.row(area.rect.y);
  std::for_each_n(first, area.rect.size().area(), [](std::int32_t& value) { value /= 2; });
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
    halve(area);
  }
  if (rect.height > 1) {
    for_each_columns(area, [&](const Columns<std::int32_t>& columns) {
      columns.lift_rows(top, LowStep53{});
      columns.lift_rows(1 - top, HighStep53{});
    });
  } else if (top == 1) {
    halve(area);
  }
}

void j2k_inverse_wavelet(J2kSamples<float>& area) {
  const Rect& rect = area.rect;
  const std::int64_t left = rect.x & 1;
  const std::int64_t top = rect.y & 1;
  if (rect.width > 1) {
    Line<float> line(rect.width, left);
    for (std::int64_t y = rect.y; y < rect.bottom(); ++y) {
      line.take_scaled(area.row(y), kLowScale, kHighScale);
      line.lift_low(Step97{-kDelta});
      line.lift_high(Step97{-kGamma});
      line.lift_low(Step97{-kBeta});
      line.lift_high(Step97{-kAlpha});
      line.give(area.row(y));
    }
  }
  if (rect.height > 1) {
    for_each_columns(area, [&](const Columns<float>& columns) {
      for (std::int64_t i = 0; i < rect.height; ++i) {
        float* const row = columns.row(i);
        scale(row, i % 2 == top ? kLowScale : kHighScale, row, columns.count);
      }
      columns.lift_rows(top, Step97{-kDelta});
      columns.lift_rows(1 - top, Step97{-kGamma});
      columns.lift_rows(top, Step97{-kBeta});
      columns.lift_rows(1 - top, Step97{-kAlpha});
    });
  }
}

}  // namespace iip

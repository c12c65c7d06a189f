// The wavelets of ISO/IEC 15444-1 annex F, as its equations say them: each line is extended by
// mirroring it beyond its ends, and then lifted step by step. In whole numbers for the 5-3 filter
// and in doubles for the 9-7.
//
// Lines and planes are interleaved: a low-pass sample stands at each even place, a high-pass one at
// each odd.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/image/geometry.h"

namespace iip::test {

template <class T>
struct Plane {
  explicit Plane(const Rect& of)
      : rect(of), samples(static_cast<std::size_t>(of.width * of.height)) {}

  T& at(std::int64_t x, std::int64_t y) { return samples[place(x, y)]; }
  const T& at(std::int64_t x, std::int64_t y) const { return samples[place(x, y)]; }
  std::size_t place(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>((y - rect.y) * rect.width + x - rect.x);
  }

  Rect rect;
  std::vector<T> samples;
};

// The samples from `start` on, and as many beyond both ends as the filters reach.
template <class T>
class ExtendedLine {
 public:
  ExtendedLine(const std::vector<T>& line, std::int64_t start)
      : start_(start), length_(static_cast<std::int64_t>(line.size())) {
    for (std::int64_t i = -kBeyond; i < length_ + kBeyond; ++i) {
      const std::int64_t period = 2 * (length_ - 1);
      const std::int64_t within = ((i % period) + period) % period;  // F.3.7
      samples_.push_back(line[static_cast<std::size_t>(std::min(within, period - within))]);
    }
  }

  // Adds to every second sample what `step` says of its two neighbours.
  template <class Step>
  void lift(int parity, const Step& step) {
    for (std::size_t i = 1; i + 1 < samples_.size(); ++i) {
      if (parity_at(i) == parity) samples_[i] += step(samples_[i - 1], samples_[i + 1]);
    }
  }
  void scale(int parity, T factor) {
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (parity_at(i) == parity) samples_[i] *= factor;
    }
  }
  std::vector<T> line() const { return {samples_.begin() + kBeyond, samples_.end() - kBeyond}; }

 private:
  // Each step makes one more of them wrong.
  static constexpr std::int64_t kBeyond = 6;
  int parity_at(std::size_t i) const {
    return static_cast<int>((start_ + static_cast<std::int64_t>(i)) & 1);
  }

  const std::int64_t start_;
  const std::int64_t length_;
  std::vector<T> samples_;
};

struct Reference53 {
  using Line = std::vector<std::int64_t>;

  static Line forward(const Line& line, std::int64_t start) {
    if (line.size() == 1) return {start % 2 != 0 ? 2 * line[0] : line[0]};
    ExtendedLine<std::int64_t> extended(line, start);
    extended.lift(1, [](std::int64_t a, std::int64_t b) { return -((a + b) >> 1); });
    extended.lift(0, [](std::int64_t a, std::int64_t b) { return (a + b + 2) >> 2; });
    return extended.line();
  }
  static Line inverse(const Line& line, std::int64_t start) {
    if (line.size() == 1) return {start % 2 != 0 ? line[0] / 2 : line[0]};
    ExtendedLine<std::int64_t> extended(line, start);
    extended.lift(0, [](std::int64_t a, std::int64_t b) { return -((a + b + 2) >> 2); });
    extended.lift(1, [](std::int64_t a, std::int64_t b) { return (a + b) >> 1; });
    return extended.line();
  }
};

struct Reference97 {
  using Line = std::vector<double>;

  // Table F.4.
  static constexpr double kAlpha = -1.586134342059924;
  static constexpr double kBeta = -0.052980118572961;
  static constexpr double kGamma = 0.882911075530934;
  static constexpr double kDelta = 0.443506852043971;
  static constexpr double kK = 1.230174104914001;

  static auto times(double factor) {
    return [factor](double a, double b) { return factor * (a + b); };
  }
  static Line forward(const Line& line, std::int64_t start) {
    if (line.size() == 1) return {start % 2 != 0 ? 2 * line[0] : line[0]};
    ExtendedLine<double> extended(line, start);
    extended.lift(1, times(kAlpha));
    extended.lift(0, times(kBeta));
    extended.lift(1, times(kGamma));
    extended.lift(0, times(kDelta));
    extended.scale(1, kK);
    extended.scale(0, 1 / kK);
    return extended.line();
  }
  static Line inverse(const Line& line, std::int64_t start) {
    if (line.size() == 1) return {start % 2 != 0 ? line[0] / 2 : line[0]};
    ExtendedLine<double> extended(line, start);
    extended.scale(0, kK);
    extended.scale(1, 1 / kK);
    extended.lift(0, times(-kDelta));
    extended.lift(1, times(-kGamma));
    extended.lift(0, times(-kBeta));
    extended.lift(1, times(-kAlpha));
    return extended.line();
  }
};

template <class T, class Filter>
void filter_rows(Plane<T>& plane, const Filter& filter) {
  for (std::int64_t y = plane.rect.y; y < plane.rect.bottom(); ++y) {
    std::vector<T> line;
    for (std::int64_t x = plane.rect.x; x < plane.rect.right(); ++x) line.push_back(plane.at(x, y));
    line = filter(line, plane.rect.x);
    for (std::int64_t x = plane.rect.x; x < plane.rect.right(); ++x) {
      plane.at(x, y) = line[static_cast<std::size_t>(x - plane.rect.x)];
    }
  }
}
template <class T, class Filter>
void filter_columns(Plane<T>& plane, const Filter& filter) {
  for (std::int64_t x = plane.rect.x; x < plane.rect.right(); ++x) {
    std::vector<T> line;
    for (std::int64_t y = plane.rect.y; y < plane.rect.bottom(); ++y)
      line.push_back(plane.at(x, y));
    line = filter(line, plane.rect.y);
    for (std::int64_t y = plane.rect.y; y < plane.rect.bottom(); ++y) {
      plane.at(x, y) = line[static_cast<std::size_t>(y - plane.rect.y)];
    }
  }
}

// F.4.2 filters columns first, and F.3.2 in turn rows.
template <class Reference, class T>
Plane<T> forward_wavelet(Plane<T> plane) {
  filter_columns(plane, Reference::forward);
  filter_rows(plane, Reference::forward);
  return plane;
}
template <class Reference, class T>
Plane<T> inverse_wavelet(Plane<T> plane) {
  filter_rows(plane, Reference::inverse);
  filter_columns(plane, Reference::inverse);
  return plane;
}

}  // namespace iip::test

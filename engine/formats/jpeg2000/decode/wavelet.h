// The inverse wavelets of JPEG 2000 (ISO/IEC 15444-1 annex F), for a part of a picture.
//
// A part is computed from the samples of the bands that it depends on and no others. Numbers are
// those that OpenJPEG gets for the whole picture, to the last bit: integers, and for the 9-7 filter
// the same operations on floats in the same order. The functions are for any thread; samples are
// for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/image/geometry.h"

namespace iip {

// A rectangle of samples, row after row, at absolute coordinates: in memory of its own, which is
// not initialised, or in that of someone else.
template <class T>
class J2kSamples {
 public:
  J2kSamples() = default;
  explicit J2kSamples(const Rect& of)
      : rect(of),
        own_(std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(of.size().area()))),
        first_(own_.get()) {}
  J2kSamples(const Rect& of, T* first) : rect(of), first_(first) {}

  T* row(std::int64_t y) { return first_ + (y - rect.y) * rect.width; }
  const T* row(std::int64_t y) const { return first_ + (y - rect.y) * rect.width; }

  Rect rect;

 private:
  std::unique_ptr<T[]> own_;
  T* first_ = nullptr;
};

// What of a resolution `part` of it depends on: the filter's reach around it. Both lie in `whole`.
Rect j2k_filter_area(const Rect& part, const Rect& whole, bool reversible);

// The samples of a band at the even (0) or odd (1) places of `area`, across and down.
Rect j2k_area_in_band(const Rect& area, int odd_across, int odd_down);

// `area` holds bands: in each row first the samples of the even places across and then those of the
// odd ones, LL and HL in the rows of even places, LH and HH in the others. Turns it into the
// samples of the resolution, each at its place; those nearer to its edges than the filter reaches
// are right only where the edge is that of the resolution.
void j2k_inverse_wavelet(J2kSamples<std::int32_t>& area);  // 5-3
void j2k_inverse_wavelet(J2kSamples<float>& area);         // 9-7

}  // namespace iip

// Histogram equalisation: a curve that gives each grey of the whole image its share of the range.
//
// At the grey i of 256 the curve is (C(i) - C(f)) / (C(255) - C(f)), where C counts the pixels of
// the histogram up to a grey and f is the first grey that there is. It is linear in between, so
// that values of more than 8 bits stay apart. An image of a single grey stays what it is. All
// channels go by the one curve. Never changed once made, so for any number of threads.
#pragma once

#include <array>

#include "engine/pipeline/statistics.h"

namespace iip {

class EqualiseCurve {
 public:
  explicit EqualiseCurve(const Histogram& histogram);

  // The share of a fraction of the histogram's range: cut off outside of it, 0 for not a number.
  float of(float fraction) const;

 private:
  std::array<float, 256> share_{};
};

}  // namespace iip

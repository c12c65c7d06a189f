// Gamma or logarithm, then inversion, of fractions:
//
//   GAM=g     max(v, 0) ^ g
//   GAM=log   ln(1 + 255 max(v, 0)) / ln(256)
//   INV       1 - v
//
// If inversion is asked for as well, the gamma or logarithm acts before it. Any exponent is taken
// as it is: 0 makes everything white, a negative one makes 0 infinite, which is white in the end.
// One that is not a number is left out. Never changed once made, so for any number of threads.
#pragma once

#include <span>

#include "engine/model/processing.h"

namespace iip {

class Tone {
 public:
  explicit Tone(const Processing& processing);

  bool is_neutral() const { return gamma_ == 1 && !logarithm_ && !invert_; }
  float of(float fraction) const;
  void apply(std::span<float> fractions) const;

 private:
  float gamma_;
  bool logarithm_;
  bool invert_;
};

}  // namespace iip

// Convolution (CNV): each value becomes the sum of its neighbours by the weights of a square. The
// weights lie on the picture as they are read (a correlation, nothing is turned), and are divided
// by their sum where that is above 0. Beyond the edges of the picture its last values go on. Never
// changed once made, so for any number of threads.
#pragma once

#include <array>
#include <span>

#include "engine/model/processing.h"

namespace iip {

class Convolver {
 public:
  // `kernel` has an odd side of at most 5.
  explicit Convolver(const Kernel& kernel);

  int reach() const { return side_ / 2; }

  // The lines from `reach` above to `reach` below, of one channel. The result begins at column
  // `first` of them. Columns beyond the lines' ends are like the last ones.
  using Lines = std::array<std::span<const float>, 5>;
  void convolve(const Lines& lines, std::int64_t first, std::span<float> result) const;

 private:
  int side_;
  std::array<float, 25> weights_{};
};

}  // namespace iip

// Shrinking by whole factors with plain averages: the coarse first half of a very strong reduction.
//
// Filters that keep their footprint in output pixels would need tables of thousands of taps there.
// Cells of factor_x by factor_y pixels are counted from the top left; those cut by the right and
// bottom edges average what they have. Channels are weighed by the alpha. Any format; floats that
// are not finite do not count, and the mean of a cell with less than half of its weight in finite
// ones is NaN. For one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/allowance.h"
#include "engine/image/raster.h"

namespace iip {

// Shrinks a picture whose lines come one after the other, so that it need never be there as a
// whole.
class BoxShrinker {
 public:
  // `full` is the size of the picture that will be fed.
  static Result<BoxShrinker> create(const Size& full, const PixelFormat& format,
                                    std::int64_t factor_x, std::int64_t factor_y,
                                    MemoryBudget& budget);

  // The next line: full.width pixels. Exactly full.height lines are fed.
  void feed(const std::uint8_t* pixels);
  // The result, once all lines were fed.
  Raster take() { return std::move(output_).written(ceil_div(lines_, factor_y_)); }

 private:
  // What the 8-bit grey or RGB pixels of one cell add up to. For opaque formats `weight` counts
  // pixels; with alpha it is the sum of alpha, `area` the number of pixels, and colours are weighed
  // by alpha.
  struct Cell {
    std::uint64_t colour[3] = {0, 0, 0};
    std::uint64_t weight = 0;
    std::uint64_t area = 0;
  };

  // What one channel of the pixels of a cell adds up to, in every other format: exact for whole
  // numbers of up to 16 bits.
  struct Sum {
    double value = 0;   // the samples that are numbers, each times its weight
    double weight = 0;  // the weights of these
    double all = 0;     // the weights of all pixels; for the alpha channel, their number
  };

  BoxShrinker(const Size& full, std::int64_t factor_x, std::int64_t factor_y,
              UnwrittenRaster output, Reservation cells_memory);
  void feed_bytes(const std::uint8_t* pixels);
  template <int kColours, bool kAlpha>
  void add_line(const std::uint8_t* pixels);
  void finish_row();
  template <class T>
  void add_samples(const T* samples);
  template <class T>
  void finish_samples();
  bool row_is_complete() const { return lines_ % factor_y_ == 0 || lines_ == full_.height; }

  Size full_;
  std::int64_t factor_x_;
  std::int64_t factor_y_;
  UnwrittenRaster output_;
  Reservation cells_memory_;
  std::vector<Cell> cells_;  // of 8-bit grey and RGB
  std::vector<Sum> sums_;    // of other formats, a channel each
  std::int64_t lines_ = 0;
};

Result<Raster> box_shrink(Raster input, std::int64_t factor_x, std::int64_t factor_y,
                          const Allowance& allowance);

}  // namespace iip

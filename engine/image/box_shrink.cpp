#include "engine/image/box_shrink.h"

#include <algorithm>

namespace iip {

namespace {

// Rounded to the nearest, halves to even: the means of few pixels often end in halves, and rounding
// them all upwards would make the picture lighter.
std::uint8_t rounded_quotient(std::uint64_t sum, std::uint64_t count) {
  if (count == 0) return 0;
  const std::uint64_t quotient = sum / count;
  const std::uint64_t twice_rest = 2 * (sum - quotient * count);
  const bool up = twice_rest > count || (twice_rest == count && quotient % 2 == 1);
  return static_cast<std::uint8_t>(quotient + (up ? 1 : 0));
}

}  // namespace

Result<BoxShrinker> BoxShrinker::create(const Size& full, const PixelFormat& format,
                                        std::int64_t factor_x, std::int64_t factor_y,
                                        MemoryBudget& budget) {
  const Size size{ceil_div(full.width, factor_x), ceil_div(full.height, factor_y)};
  auto cells_memory = budget.reserve(static_cast<std::uint64_t>(size.width) * sizeof(Cell));
  if (!cells_memory) return pass_on(cells_memory);
  auto output = Raster::create(size, format, budget);
  if (!output) return pass_on(output);
  return BoxShrinker(full, factor_x, factor_y, std::move(*output), std::move(*cells_memory));
}

BoxShrinker::BoxShrinker(const Size& full, std::int64_t factor_x, std::int64_t factor_y,
                         Raster output, Reservation cells_memory)
    : full_(full),
      factor_x_(factor_x),
      factor_y_(factor_y),
      output_(std::move(output)),
      cells_memory_(std::move(cells_memory)),
      cells_(static_cast<std::size_t>(output_.size().width)) {}

void BoxShrinker::feed(const std::uint8_t* pixels) {
  const PixelFormat& format = output_.format();
  const bool grey = format.model == ColourModel::grey;
  if (format.alpha) {
    grey ? add_line<1, true>(pixels) : add_line<3, true>(pixels);
  } else {
    grey ? add_line<1, false>(pixels) : add_line<3, false>(pixels);
  }
  ++lines_;
  if (lines_ % factor_y_ == 0 || lines_ == full_.height) finish_row();
}

template <int kColours, bool kAlpha>
void BoxShrinker::add_line(const std::uint8_t* pixels) {
  std::int64_t x = 0;
  for (Cell& cell : cells_) {
    const std::int64_t end = std::min(full_.width, x + factor_x_);
    cell.area += static_cast<std::uint64_t>(end - x);
    for (; x < end; ++x, pixels += kColours + (kAlpha ? 1 : 0)) {
      const std::uint64_t weight = kAlpha ? pixels[kColours] : 1;
      for (int c = 0; c < kColours; ++c) cell.colour[c] += pixels[c] * weight;
      cell.weight += weight;
    }
  }
}

void BoxShrinker::finish_row() {
  const int channels = output_.channels();
  const int colours = output_.format().alpha ? channels - 1 : channels;
  std::uint8_t* pixels = output_.row((lines_ - 1) / factor_y_);
  for (Cell& cell : cells_) {
    for (int c = 0; c < colours; ++c) pixels[c] = rounded_quotient(cell.colour[c], cell.weight);
    if (output_.format().alpha) pixels[colours] = rounded_quotient(cell.weight, cell.area);
    pixels += channels;
    cell = {};
  }
}

Result<Raster> box_shrink(Raster input, std::int64_t factor_x, std::int64_t factor_y,
                          MemoryBudget& budget) {
  auto shrinker = BoxShrinker::create(input.size(), input.format(), factor_x, factor_y, budget);
  if (!shrinker) return pass_on(shrinker);
  for (std::int64_t y = 0; y < input.size().height; ++y) shrinker->feed(input.row(y));
  return shrinker->take();
}

}  // namespace iip

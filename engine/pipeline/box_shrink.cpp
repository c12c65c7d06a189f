#include "engine/pipeline/box_shrink.h"

#include <algorithm>
#include <vector>

namespace iip {

namespace {

// What the pixels of one cell add up to. For opaque formats `weight` counts pixels; with alpha it
// is the sum of alpha, `area` the number of pixels, and colours are weighed by alpha.
struct Cell {
  std::uint64_t colour[3] = {0, 0, 0};
  std::uint64_t weight = 0;
  std::uint64_t area = 0;
};

template <int kColours, bool kAlpha>
void add_pixels(const std::uint8_t* pixels, std::int64_t width, std::int64_t factor,
                std::vector<Cell>& cells) {
  std::int64_t x = 0;
  for (Cell& cell : cells) {
    const std::int64_t end = std::min(width, x + factor);
    cell.area += static_cast<std::uint64_t>(end - x);
    for (; x < end; ++x, pixels += kColours + (kAlpha ? 1 : 0)) {
      const std::uint64_t weight = kAlpha ? pixels[kColours] : 1;
      for (int c = 0; c < kColours; ++c) cell.colour[c] += pixels[c] * weight;
      cell.weight += weight;
    }
  }
}

void add_line(const std::uint8_t* pixels, std::int64_t width, const PixelFormat& format,
              std::int64_t factor, std::vector<Cell>& cells) {
  const bool grey = format.model == ColourModel::grey;
  if (format.alpha) {
    grey ? add_pixels<1, true>(pixels, width, factor, cells)
         : add_pixels<3, true>(pixels, width, factor, cells);
  } else {
    grey ? add_pixels<1, false>(pixels, width, factor, cells)
         : add_pixels<3, false>(pixels, width, factor, cells);
  }
}

// Rounded to the nearest, halves to even: the means of few pixels often end in halves, and rounding
// them all upwards would make the picture lighter.
std::uint8_t rounded_quotient(std::uint64_t sum, std::uint64_t count) {
  if (count == 0) return 0;
  const std::uint64_t quotient = sum / count;
  const std::uint64_t twice_rest = 2 * (sum - quotient * count);
  const bool up = twice_rest > count || (twice_rest == count && quotient % 2 == 1);
  return static_cast<std::uint8_t>(quotient + (up ? 1 : 0));
}

void write_line(const std::vector<Cell>& cells, const PixelFormat& format, std::uint8_t* pixels) {
  const int channels = format.channels();
  const int colours = format.alpha ? channels - 1 : channels;
  for (const Cell& cell : cells) {
    for (int c = 0; c < colours; ++c) pixels[c] = rounded_quotient(cell.colour[c], cell.weight);
    if (format.alpha) pixels[colours] = rounded_quotient(cell.weight, cell.area);
    pixels += channels;
  }
}

}  // namespace

Result<Raster> box_shrink(Raster input, std::int64_t factor_x, std::int64_t factor_y,
                          MemoryBudget& budget) {
  const Size full = input.size();
  const Size size{ceil_div(full.width, factor_x), ceil_div(full.height, factor_y)};
  auto cells_memory = budget.reserve(static_cast<std::uint64_t>(size.width) * sizeof(Cell));
  if (!cells_memory) return pass_on(cells_memory);
  auto output = Raster::create(size, input.format(), budget);
  if (!output) return output;

  std::vector<Cell> cells(static_cast<std::size_t>(size.width));
  for (std::int64_t y = 0; y < size.height; ++y) {
    std::fill(cells.begin(), cells.end(), Cell{});
    const std::int64_t end = std::min(full.height, (y + 1) * factor_y);
    for (std::int64_t line = y * factor_y; line < end; ++line) {
      add_line(input.row(line), full.width, input.format(), factor_x, cells);
    }
    write_line(cells, input.format(), output->row(y));
  }
  return output;
}

}  // namespace iip

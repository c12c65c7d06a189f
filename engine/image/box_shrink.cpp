#include "engine/image/box_shrink.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/checkpoint.h"
#include "engine/image/sample.h"

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

// The mean for samples of other depths, rounded as above.
template <class T>
T mean(double value, double weight, double all) {
  if (weight <= 0 || weight < all / 2) {
    return std::is_floating_point_v<T> && all > 0 ? std::numeric_limits<T>::quiet_NaN() : T{0};
  }
  if constexpr (std::is_floating_point_v<T>) return static_cast<T>(value / weight);
  return to_sample<T>(std::rint(value / weight));
}

// The formats that have loops of their own.
bool is_bytes(const PixelFormat& format) {
  return format.type == SampleType::u8 && format.extra == 0 &&
         (format.model == ColourModel::grey || format.model == ColourModel::rgb);
}

}  // namespace

Result<BoxShrinker> BoxShrinker::create(const Size& full, const PixelFormat& format,
                                        std::int64_t factor_x, std::int64_t factor_y,
                                        MemoryBudget& budget) {
  const Size size{ceil_div(full.width, factor_x), ceil_div(full.height, factor_y)};
  const std::uint64_t cell_bytes =
      is_bytes(format) ? sizeof(Cell) : static_cast<std::uint64_t>(format.channels()) * sizeof(Sum);
  auto cells_memory = budget.reserve(static_cast<std::uint64_t>(size.width) * cell_bytes);
  if (!cells_memory) return pass_on(cells_memory);
  auto output = UnwrittenRaster::create(size, format, budget);
  if (!output) return pass_on(output);
  return BoxShrinker(full, factor_x, factor_y, std::move(*output), std::move(*cells_memory));
}

BoxShrinker::BoxShrinker(const Size& full, std::int64_t factor_x, std::int64_t factor_y,
                         UnwrittenRaster output, Reservation cells_memory)
    : full_(full),
      factor_x_(factor_x),
      factor_y_(factor_y),
      output_(std::move(output)),
      cells_memory_(std::move(cells_memory)) {
  const auto width = static_cast<std::size_t>(output_.pixels().size().width);
  if (is_bytes(output_.pixels().format())) {
    cells_.resize(width);
  } else {
    sums_.resize(width * static_cast<std::size_t>(output_.pixels().channels()));
  }
}

void BoxShrinker::feed(const std::uint8_t* pixels) {
  if (is_bytes(output_.pixels().format())) {
    feed_bytes(pixels);
    return;
  }
  with_sample_type(output_.pixels().format().type, [&](auto sample) {
    using T = decltype(sample);
    add_samples(reinterpret_cast<const T*>(pixels));
    ++lines_;
    if (row_is_complete()) finish_samples<T>();
  });
}

template <class T>
void BoxShrinker::add_samples(const T* samples) {
  const auto channels = static_cast<std::size_t>(output_.pixels().channels());
  const bool alpha = output_.pixels().format().alpha;
  const std::size_t weighed = channels - (alpha ? 1 : 0);
  Sum* sums = sums_.data();
  for (std::int64_t x = 0; x < full_.width; sums += channels) {
    const std::int64_t end = std::min(full_.width, x + factor_x_);
    for (; x < end; ++x, samples += channels) {
      double weight = 1;
      if (alpha) {
        const T opacity = samples[channels - 1];
        weight = is_finite(opacity) && opacity > 0 ? static_cast<double>(opacity) : 0;
        Sum& sum = sums[channels - 1];
        sum = {sum.value + weight, sum.weight + 1, sum.all + 1};
      }
      for (std::size_t c = 0; c < weighed; ++c) {
        sums[c].all += weight;
        if (!is_finite(samples[c])) continue;
        sums[c].value += static_cast<double>(samples[c]) * weight;
        sums[c].weight += weight;
      }
    }
  }
}

template <class T>
void BoxShrinker::finish_samples() {
  T* to = output_.pixels().samples<T>((lines_ - 1) / factor_y_).data();
  for (Sum& sum : sums_) {
    *to++ = mean<T>(sum.value, sum.weight, sum.all);
    sum = {};
  }
}

void BoxShrinker::feed_bytes(const std::uint8_t* pixels) {
  const PixelFormat& format = output_.pixels().format();
  const bool grey = format.model == ColourModel::grey;
  if (format.alpha) {
    grey ? add_line<1, true>(pixels) : add_line<3, true>(pixels);
  } else {
    grey ? add_line<1, false>(pixels) : add_line<3, false>(pixels);
  }
  ++lines_;
  if (row_is_complete()) finish_row();
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
  const int channels = output_.pixels().channels();
  const int colours = output_.pixels().format().alpha ? channels - 1 : channels;
  std::uint8_t* pixels = output_.pixels().row((lines_ - 1) / factor_y_);
  for (Cell& cell : cells_) {
    for (int c = 0; c < colours; ++c) pixels[c] = rounded_quotient(cell.colour[c], cell.weight);
    if (output_.pixels().format().alpha) pixels[colours] = rounded_quotient(cell.weight, cell.area);
    pixels += channels;
    cell = {};
  }
}

Result<Raster> box_shrink(Raster input, std::int64_t factor_x, std::int64_t factor_y,
                          const Allowance& allowance) {
  auto shrinker =
      BoxShrinker::create(input.size(), input.format(), factor_x, factor_y, allowance.budget);
  if (!shrinker) return pass_on(shrinker);
  auto fed = for_rows(input.size().height, input.row_bytes(), allowance.deadline,
                      [&](std::int64_t y) { shrinker->feed(input.row(y)); });
  if (!fed) return pass_on(fed);
  return shrinker->take();
}

}  // namespace iip

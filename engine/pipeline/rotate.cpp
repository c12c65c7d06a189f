// Rotation by any angle: each output pixel looks up where its centre comes from and mixes the four
// input pixels around that place. What lies outside the input counts as transparent in that mix,
// which also smooths the edge of the turned picture.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/checkpoint.h"
#include "engine/image/rotated_size.h"
#include "engine/image/sample.h"
#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// Coordinates are fixed-point numbers with 36 fractional bits: a step along the line is added
// thousands of times.
constexpr int kFractionBits = 36;

// How the samples of a depth are added up, and the bits of the weights on each axis. Of whole
// numbers 15, so that every sum, of colours times opacity times both weights, is within 64 bits.
template <class T>
struct Sums {
  using Number = std::uint64_t;
  static constexpr int kWeightBits = 15;
};
template <>
struct Sums<float> {
  using Number = double;
  static constexpr int kWeightBits = 24;
};

// A quotient as a sample, to the nearest where samples are whole numbers.
template <class T, class Number>
T rounded(Number sum, Number divisor) {
  if constexpr (std::is_floating_point_v<T>) return static_cast<T>(sum / divisor);
  return static_cast<T>((sum + divisor / 2) / divisor);
}

std::int64_t to_fixed(double value) { return std::llround(std::ldexp(value, kFractionBits)); }

// A place among the pixel centres of the input: between columns x and x+1, lines y and y+1.
template <class T>
struct Place {
  using Number = typename Sums<T>::Number;
  static constexpr int kWeightBits = Sums<T>::kWeightBits;
  static constexpr auto kOne = static_cast<Number>(std::uint64_t{1} << kWeightBits);
  static constexpr Number kFull = kOne * kOne;  // the four weights together

  std::int64_t x;
  std::int64_t y;
  Number fx;
  Number fy;

  // To the nearest, which may be all of it.
  static Number fraction(std::int64_t fixed) {
    constexpr std::int64_t kMask = (std::int64_t{1} << kFractionBits) - 1;
    constexpr int kShift = kFractionBits - kWeightBits;
    return static_cast<Number>(((fixed & kMask) + (std::int64_t{1} << (kShift - 1))) >> kShift);
  }
  static Place at(std::int64_t x, std::int64_t y) {
    return {x >> kFractionBits, y >> kFractionBits, fraction(x), fraction(y)};
  }
  // The weights of (x, y), (x+1, y), (x, y+1), (x+1, y+1).
  std::array<Number, 4> weights() const {
    return {(kOne - fx) * (kOne - fy), fx * (kOne - fy), (kOne - fx) * fy, fx * fy};
  }
};

// Colours are multiplied by their opacity, which runs from 0 to the four weights of full opacity.
template <class T, int kColours>
struct Mix {
  using Number = typename Sums<T>::Number;
  std::array<Number, kColours> colour{};
  Number opacity = 0;

  void add(const T* pixel, Number weight) {
    for (int c = 0; c < kColours; ++c) {
      colour[static_cast<std::size_t>(c)] += static_cast<Number>(pixel[c]) * weight;
    }
    opacity += weight;
  }
};

template <class T, int kColours, bool kAlphaIn, bool kAlphaOut>
class Turner {
 public:
  Turner(const Raster& input, Raster& output) : input_(input), output_(output) {}

  Status turn(double degrees, const Deadline& deadline) {
    const double radians = degrees * M_PI / 180;
    const double cosine = std::cos(radians);
    const double sine = std::sin(radians);
    const Size& from = input_.size();
    const Size& to = output_.size();
    const std::int64_t step_x = to_fixed(cosine);
    const std::int64_t step_y = to_fixed(-sine);
    const auto samples = static_cast<std::uint64_t>(to.width * output_.channels());
    return for_rows(to.height, samples, deadline, [&](std::int64_t line) {
      const double dx = 0.5 - static_cast<double>(to.width) / 2;
      const double dy = static_cast<double>(line) + 0.5 - static_cast<double>(to.height) / 2;
      std::int64_t x =
          to_fixed(dx * cosine + dy * sine + static_cast<double>(from.width) / 2 - 0.5);
      std::int64_t y =
          to_fixed(-dx * sine + dy * cosine + static_cast<double>(from.height) / 2 - 0.5);
      T* pixel = output_.samples<T>(line).data();
      for (std::int64_t column = 0; column < to.width; ++column) {
        write(Place<T>::at(x, y), pixel);
        pixel += kColours + (kAlphaOut ? 1 : 0);
        x += step_x;
        y += step_y;
      }
    });
  }

 private:
  using Number = typename Sums<T>::Number;
  static constexpr int kChannels = kColours + (kAlphaIn ? 1 : 0);
  static constexpr Number kFull = Place<T>::kFull;
  static constexpr auto kOpaque = static_cast<Number>(kFullSample<T>);

  const T* pixel_at(std::int64_t x, std::int64_t y) const {
    return input_.samples<T>(y).data() + x * kChannels;
  }

  void write(const Place<T>& place, T* pixel) const {
    const Size& size = input_.size();
    const bool inside =
        place.x >= 0 && place.y >= 0 && place.x + 1 < size.width && place.y + 1 < size.height;
    const bool outside =
        place.x < -1 || place.y < -1 || place.x >= size.width || place.y >= size.height;
    if (outside) {
      write_mix({}, pixel);
    } else if (inside && !kAlphaIn) {
      write_opaque(place, pixel);
    } else {
      write_mix(mix(place), pixel);
    }
  }

  void write_opaque(const Place<T>& place, T* pixel) const {
    const std::array<Number, 4> weight = place.weights();
    const T* upper = pixel_at(place.x, place.y);
    const T* lower = pixel_at(place.x, place.y + 1);
    for (int c = 0; c < kColours; ++c) {
      const Number sum = static_cast<Number>(upper[c]) * weight[0] +
                         static_cast<Number>(upper[kChannels + c]) * weight[1] +
                         static_cast<Number>(lower[c]) * weight[2] +
                         static_cast<Number>(lower[kChannels + c]) * weight[3];
      pixel[c] = rounded<T>(sum, kFull);
    }
    if (kAlphaOut) pixel[kColours] = kFullSample<T>;
  }

  Mix<T, kColours> mix(const Place<T>& place) const {
    const std::array<Number, 4> weight = place.weights();
    Mix<T, kColours> result;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::int64_t x = place.x + static_cast<std::int64_t>(i % 2);
      const std::int64_t y = place.y + static_cast<std::int64_t>(i / 2);
      if (x < 0 || y < 0 || x >= input_.size().width || y >= input_.size().height) continue;
      const T* pixel = pixel_at(x, y);
      result.add(pixel, weight[i] * (kAlphaIn ? static_cast<Number>(pixel[kColours]) : kOpaque));
    }
    return result;
  }

  static void write_mix(const Mix<T, kColours>& mix, T* pixel) {
    constexpr Number kMost = kFull * kOpaque;
    for (int c = 0; c < kColours; ++c) {
      const Number colour = mix.colour[static_cast<std::size_t>(c)];
      if (!kAlphaOut) {
        pixel[c] = rounded<T>(colour + kOpaque * (kMost - mix.opacity), kMost);
      } else {
        pixel[c] = mix.opacity == 0 ? T{0} : rounded<T>(colour, mix.opacity);
      }
    }
    if (kAlphaOut) pixel[kColours] = rounded<T>(mix.opacity, kFull);
  }

  const Raster& input_;
  Raster& output_;
};

template <class T, int kColours>
Status turn(const Raster& input, Raster& output, double degrees, const Deadline& deadline) {
  const bool alpha_in = input.format().alpha;
  const bool alpha_out = output.format().alpha;
  if (alpha_in && alpha_out) {
    return Turner<T, kColours, true, true>(input, output).turn(degrees, deadline);
  }
  if (alpha_in) {
    return Turner<T, kColours, true, false>(input, output).turn(degrees, deadline);
  }
  if (alpha_out) {
    return Turner<T, kColours, false, true>(input, output).turn(degrees, deadline);
  }
  return Turner<T, kColours, false, false>(input, output).turn(degrees, deadline);
}

template <class T>
Status turn(const Raster& input, Raster& output, double degrees, const Deadline& deadline) {
  return input.format().model == ColourModel::grey ? turn<T, 1>(input, output, degrees, deadline)
                                                   : turn<T, 3>(input, output, degrees, deadline);
}

}  // namespace

Result<Raster> rotate(Raster input, double degrees, bool with_alpha, const Allowance& allowance) {
  if (!std::isfinite(degrees)) {
    return fail(ErrorKind::malformed, "The rotation must be a number of degrees");
  }
  const double angle = std::fmod(degrees, 360);
  const double quarters = angle / 90;
  if (quarters == std::floor(quarters)) {
    return mirror_and_turn(std::move(input), false, static_cast<int>(quarters), allowance);
  }
  const PixelFormat& format = input.format();
  if (!is_picture(format)) {
    return fail(ErrorKind::internal, "The picture can not be turned",
                "rotate: the raster is no grey or RGB picture");
  }
  auto output = Raster::create(rotated_size(input.size(), angle),
                               {format.type, format.model, with_alpha}, allowance.budget);
  if (!output) return output;
  const Deadline& deadline = allowance.deadline;
  const Status done =
      format.type == SampleType::u8    ? turn<std::uint8_t>(input, *output, angle, deadline)
      : format.type == SampleType::u16 ? turn<std::uint16_t>(input, *output, angle, deadline)
                                       : turn<float>(input, *output, angle, deadline);
  if (!done) return tl::unexpected(done.error());
  return output;
}

}  // namespace iip

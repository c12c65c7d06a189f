// Rotation by any angle: each output pixel looks up where its centre comes from and mixes the four
// input pixels around that place. What lies outside the input counts as transparent in that mix,
// which also smooths the edge of the turned picture.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// Coordinates are fixed-point numbers with 24 fractional bits. Weights have 8 bits on each axis:
// the most that keeps every sum, kFull * 255 * 255 and half a divisor, within 32 bits.
constexpr int kFractionBits = 24;
constexpr int kWeightBits = 8;
constexpr std::uint32_t kOne = 1U << kWeightBits;
constexpr std::uint32_t kFull = kOne * kOne;  // the four weights of a mix together
constexpr std::uint32_t kOpaque = 255;

std::int64_t to_fixed(double value) { return std::llround(std::ldexp(value, kFractionBits)); }

// A place among the pixel centres of the input: between columns x and x+1, lines y and y+1.
struct Place {
  std::int64_t x;
  std::int64_t y;
  std::uint32_t fx;
  std::uint32_t fy;

  static std::uint32_t fraction(std::int64_t fixed) {
    constexpr std::int64_t kMask = (std::int64_t{1} << kFractionBits) - 1;
    return static_cast<std::uint32_t>((fixed & kMask) >> (kFractionBits - kWeightBits));
  }
  static Place at(std::int64_t x, std::int64_t y) {
    return {x >> kFractionBits, y >> kFractionBits, fraction(x), fraction(y)};
  }
  // The weights of (x, y), (x+1, y), (x, y+1), (x+1, y+1).
  std::array<std::uint32_t, 4> weights() const {
    return {(kOne - fx) * (kOne - fy), fx * (kOne - fy), (kOne - fx) * fy, fx * fy};
  }
};

// Colours are multiplied by their opacity; opacity runs from 0 to kFull * kOpaque.
template <int kColours>
struct Mix {
  std::array<std::uint32_t, kColours> colour{};
  std::uint32_t opacity = 0;

  void add(const std::uint8_t* pixel, std::uint32_t weight) {
    for (int c = 0; c < kColours; ++c) {
      colour[static_cast<std::size_t>(c)] += pixel[c] * weight;
    }
    opacity += weight;
  }
};

template <int kColours, bool kAlphaIn, bool kAlphaOut>
class Turner {
 public:
  Turner(const Raster& input, Raster& output) : input_(input), output_(output) {}

  void turn(double degrees) {
    const double radians = degrees * M_PI / 180;
    const double cosine = std::cos(radians);
    const double sine = std::sin(radians);
    const Size& from = input_.size();
    const Size& to = output_.size();
    const std::int64_t step_x = to_fixed(cosine);
    const std::int64_t step_y = to_fixed(-sine);
    for (std::int64_t line = 0; line < to.height; ++line) {
      const double dx = 0.5 - static_cast<double>(to.width) / 2;
      const double dy = static_cast<double>(line) + 0.5 - static_cast<double>(to.height) / 2;
      std::int64_t x =
          to_fixed(dx * cosine + dy * sine + static_cast<double>(from.width) / 2 - 0.5);
      std::int64_t y =
          to_fixed(-dx * sine + dy * cosine + static_cast<double>(from.height) / 2 - 0.5);
      std::uint8_t* pixel = output_.row(line);
      for (std::int64_t column = 0; column < to.width; ++column) {
        write(Place::at(x, y), pixel);
        pixel += kColours + (kAlphaOut ? 1 : 0);
        x += step_x;
        y += step_y;
      }
    }
  }

 private:
  static constexpr int kChannels = kColours + (kAlphaIn ? 1 : 0);

  void write(const Place& place, std::uint8_t* pixel) const {
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

  void write_opaque(const Place& place, std::uint8_t* pixel) const {
    const std::array<std::uint32_t, 4> weight = place.weights();
    const std::uint8_t* upper = input_.row(place.y) + place.x * kChannels;
    const std::uint8_t* lower = upper + input_.stride();
    for (int c = 0; c < kColours; ++c) {
      const std::uint32_t sum = upper[c] * weight[0] + upper[kChannels + c] * weight[1] +
                                lower[c] * weight[2] + lower[kChannels + c] * weight[3];
      pixel[c] = static_cast<std::uint8_t>((sum + kFull / 2) / kFull);
    }
    if (kAlphaOut) pixel[kColours] = static_cast<std::uint8_t>(kOpaque);
  }

  Mix<kColours> mix(const Place& place) const {
    const std::array<std::uint32_t, 4> weight = place.weights();
    Mix<kColours> result;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::int64_t x = place.x + static_cast<std::int64_t>(i % 2);
      const std::int64_t y = place.y + static_cast<std::int64_t>(i / 2);
      if (x < 0 || y < 0 || x >= input_.size().width || y >= input_.size().height) continue;
      const std::uint8_t* pixel = input_.row(y) + x * kChannels;
      result.add(pixel, weight[i] * (kAlphaIn ? pixel[kColours] : kOpaque));
    }
    return result;
  }

  static void write_mix(const Mix<kColours>& mix, std::uint8_t* pixel) {
    constexpr std::uint32_t kMost = kFull * kOpaque;
    for (int c = 0; c < kColours; ++c) {
      const std::uint32_t colour = mix.colour[static_cast<std::size_t>(c)];
      if (!kAlphaOut) {
        const std::uint32_t on_white = colour + kOpaque * (kMost - mix.opacity);
        pixel[c] = static_cast<std::uint8_t>((on_white + kMost / 2) / kMost);
      } else {
        pixel[c] = static_cast<std::uint8_t>(
            mix.opacity == 0 ? 0 : (colour + mix.opacity / 2) / mix.opacity);
      }
    }
    if (kAlphaOut) {
      pixel[kColours] = static_cast<std::uint8_t>((mix.opacity + kFull / 2) / kFull);
    }
  }

  const Raster& input_;
  Raster& output_;
};

template <int kColours>
void turn(const Raster& input, Raster& output, double degrees) {
  const bool alpha_in = input.format().alpha;
  const bool alpha_out = output.format().alpha;
  if (alpha_in && alpha_out) {
    Turner<kColours, true, true>(input, output).turn(degrees);
  } else if (alpha_in) {
    Turner<kColours, true, false>(input, output).turn(degrees);
  } else if (alpha_out) {
    Turner<kColours, false, true>(input, output).turn(degrees);
  } else {
    Turner<kColours, false, false>(input, output).turn(degrees);
  }
}

}  // namespace

Size rotated_size(const Size& size, double degrees) {
  const double radians = degrees * M_PI / 180;
  const double cosine = std::abs(std::cos(radians));
  const double sine = std::abs(std::sin(radians));
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  return {std::max<std::int64_t>(1, std::llround(width * cosine + height * sine)),
          std::max<std::int64_t>(1, std::llround(width * sine + height * cosine))};
}

Result<Raster> rotate(Raster input, double degrees, bool with_alpha, MemoryBudget& budget) {
  if (!std::isfinite(degrees)) {
    return fail(ErrorKind::malformed, "The rotation must be a number of degrees");
  }
  const double angle = std::fmod(degrees, 360);
  const double quarters = angle / 90;
  if (quarters == std::floor(quarters)) {
    return mirror_and_turn(std::move(input), false, static_cast<int>(quarters), budget);
  }
  const PixelFormat& format = input.format();
  if (format.type != SampleType::u8) {
    return fail(ErrorKind::unsupported,
                "Turning pictures of more than 8 bits by such an angle is not supported");
  }
  auto output = Raster::create(rotated_size(input.size(), angle),
                               {format.type, format.model, with_alpha}, budget);
  if (!output) return output;
  if (format.model == ColourModel::grey) {
    turn<1>(input, *output, angle);
  } else {
    turn<3>(input, *output, angle);
  }
  return output;
}

}  // namespace iip

#include "engine/formats/tiff/samples.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace iip {

namespace {

template <class T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::uint32_t load_24(const std::uint8_t* at) {
  const std::uint32_t a = at[0];
  const std::uint32_t b = at[1];
  const std::uint32_t c = at[2];
  return std::endian::native == std::endian::little ? c << 16U | b << 8U | a
                                                    : a << 16U | b << 8U | c;
}

// A float of fewer bits, with the exponent's usual bias of half its range.
template <int kExponentBits, int kFractionBits>
float widen(std::uint32_t bits) {
  constexpr std::uint32_t kMostExponent = (1U << kExponentBits) - 1;
  constexpr std::uint32_t kBias = kMostExponent / 2;
  const std::uint32_t sign = bits >> (kExponentBits + kFractionBits) << 31U;
  const std::uint32_t exponent = bits >> kFractionBits & kMostExponent;
  const std::uint32_t fraction = bits & ((1U << kFractionBits) - 1);
  if (exponent == 0) {
    const float magnitude =
        std::ldexp(static_cast<float>(fraction), 1 - static_cast<int>(kBias) - kFractionBits);
    return sign == 0 ? magnitude : -magnitude;
  }
  const std::uint32_t wide = exponent == kMostExponent ? 255 : exponent + 127 - kBias;
  return std::bit_cast<float>(sign | wide << 23U | fraction << (23 - kFractionBits));
}

float narrow(double value) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (std::abs(value) > kLargest) {
    return std::copysign(std::numeric_limits<float>::infinity(), value > 0 ? 1.0F : -1.0F);
  }
  return static_cast<float>(value);
}

// Numbers of 1 to 16 bits, one after another.
class BitReader {
 public:
  BitReader(const std::uint8_t* row, std::size_t first_bit)
      : at_(row + first_bit / 8), skip_(static_cast<int>(first_bit % 8)) {}

  std::uint32_t next(int bits) {
    while (have_ < bits) {
      held_ = (held_ & kStaying) << 8U | *at_++;
      have_ += 8 - skip_;
      skip_ = 0;
    }
    have_ -= bits;
    return held_ >> have_ & ((1U << bits) - 1);
  }

 private:
  // What is shifted out was read before. The mask states that, and costs no instruction.
  static constexpr std::uint32_t kStaying = 0xFF'FFFF;

  const std::uint8_t* at_;
  std::uint32_t held_ = 0;
  int have_ = 0;
  int skip_;  // bits of the next byte that were before the first number
};

// `number` makes what is written of each run of `bits` bits.
template <class T, class Number>
void unpack_bits(int bits, const TiffPackedSamples& in, T* out, std::size_t step, Number number) {
  BitReader reader(in.row, in.first * static_cast<std::size_t>(bits));
  for (std::size_t i = 0; i < in.count; ++i) out[i * step] = number(reader.next(bits));
}

template <class T, class Number>
void unpack_bytes(std::size_t width, const TiffPackedSamples& in, T* out, std::size_t step,
                  Number number) {
  const std::uint8_t* at = in.row + in.first * width;
  for (std::size_t i = 0; i < in.count; ++i, at += width) out[i * step] = number(at);
}

void unpack_floats(int bits, const TiffPackedSamples& in, float* out, std::size_t step) {
  switch (bits) {
    case 16:
      unpack_bytes(2, in, out, step,
                   [](const std::uint8_t* at) { return widen<5, 10>(load<std::uint16_t>(at)); });
      break;
    case 24:
      unpack_bytes(3, in, out, step,
                   [](const std::uint8_t* at) { return widen<7, 16>(load_24(at)); });
      break;
    case 32:
      unpack_bytes(4, in, out, step, load<float>);
      break;
    default:
      unpack_bytes(8, in, out, step,
                   [](const std::uint8_t* at) { return narrow(load<double>(at)); });
  }
}

template <class T>
void unpack_integers(const TiffSampleFormat& format, const TiffPackedSamples& in, T* out,
                     std::size_t step) {
  const int bits = format.bits;
  const T turned = format.is_signed() ? static_cast<T>(std::uint32_t{1} << (bits - 1)) : T{0};
  const auto as_stored = [turned](const std::uint8_t* at) {
    return static_cast<T>(load<T>(at) ^ turned);
  };
  if (bits == static_cast<int>(8 * sizeof(T))) {
    unpack_bytes(sizeof(T), in, out, step, as_stored);
  } else if (bits == 24) {
    unpack_bytes(3, in, out, step,
                 [turned](const std::uint8_t* at) { return static_cast<T>(load_24(at) ^ turned); });
  } else if (bits < 8) {
    std::array<T, 128> spread{};
    for (std::uint32_t value = 0; value < 1U << bits; ++value) {
      spread[value] = spread_over_byte(value, bits);
    }
    unpack_bits(bits, in, out, step, [&](std::uint32_t value) { return spread[value]; });
  } else {
    unpack_bits(bits, in, out, step,
                [turned](std::uint32_t value) { return static_cast<T>(value ^ turned); });
  }
}

template <class Sample, class Swapped>
void swap_all(std::span<std::uint8_t> bytes, Swapped swapped) {
  for (std::size_t at = 0; at + sizeof(Sample) <= bytes.size(); at += sizeof(Sample)) {
    const Sample value = swapped(load<Sample>(&bytes[at]));
    std::memcpy(&bytes[at], &value, sizeof value);
  }
}

}  // namespace

SampleType TiffSampleFormat::type() const {
  if (is_float()) return SampleType::f32;
  return bits <= 8 ? SampleType::u8 : bits <= 16 ? SampleType::u16 : SampleType::u32;
}

bool TiffSampleFormat::is_stored_as_is() const {
  return !is_signed() && static_cast<std::size_t>(bits) == 8 * bytes_of(type());
}

std::size_t TiffSampleFormat::swapped_bytes() const {
  const bool whole = bits == 16 || bits == 24 || bits == 32 || bits == 64;
  return whole ? static_cast<std::size_t>(bits) / 8 : 0;
}

double TiffSampleFormat::largest() const {
  if (is_float()) return 1;
  return bits <= 8 ? 255 : std::ldexp(1.0, bits) - 1;
}

double TiffSampleFormat::offset() const { return is_signed() ? -std::ldexp(1.0, bits - 1) : 0; }

template <class T>
void unpack_samples(const TiffSampleFormat& format, const TiffPackedSamples& in, T* out,
                    std::size_t step) {
  if constexpr (std::is_same_v<T, float>) {
    unpack_floats(format.bits, in, out, step);
  } else {
    unpack_integers(format, in, out, step);
  }
}

template void unpack_samples(const TiffSampleFormat&, const TiffPackedSamples&, std::uint8_t*,
                             std::size_t);
template void unpack_samples(const TiffSampleFormat&, const TiffPackedSamples&, std::uint16_t*,
                             std::size_t);
template void unpack_samples(const TiffSampleFormat&, const TiffPackedSamples&, std::uint32_t*,
                             std::size_t);
template void unpack_samples(const TiffSampleFormat&, const TiffPackedSamples&, float*,
                             std::size_t);

template <class T>
void unpack_stored_integers(int bits, const TiffPackedSamples& in, T* out, std::size_t step) {
  if (bits == 8 * static_cast<int>(sizeof(T))) {
    unpack_bytes(sizeof(T), in, out, step, load<T>);
  } else {
    unpack_bits(bits, in, out, step, [](std::uint32_t value) { return static_cast<T>(value); });
  }
}

template void unpack_stored_integers(int, const TiffPackedSamples&, std::uint8_t*, std::size_t);
template void unpack_stored_integers(int, const TiffPackedSamples&, std::uint16_t*, std::size_t);

std::uint8_t spread_over_byte(std::uint32_t value, int bits) {
  std::uint32_t spread = value << (8 - bits);
  for (int filled = bits; filled < 8; filled *= 2) spread |= spread >> filled;
  return static_cast<std::uint8_t>(spread);
}

void swap_samples(std::span<std::uint8_t> bytes, std::size_t width) {
  switch (width) {
    case 2:
      return swap_all<std::uint16_t>(bytes, [](auto value) { return __builtin_bswap16(value); });
    case 4:
      return swap_all<std::uint32_t>(bytes, [](auto value) { return __builtin_bswap32(value); });
    case 8:
      return swap_all<std::uint64_t>(bytes, [](auto value) { return __builtin_bswap64(value); });
    default:
      for (std::size_t at = 0; at + 3 <= bytes.size(); at += 3) {
        std::swap(bytes[at], bytes[at + 2]);
      }
  }
}

}  // namespace iip

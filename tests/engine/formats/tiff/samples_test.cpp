// Samples of every width, against numbers that follow from the definition: a run of bits is built
// as a text of zeros and ones, a float from its sign, exponent and fraction.
#include "engine/formats/tiff/samples.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "support/images.h"
#include "support/tiff_bytes.h"

namespace iip::test {
namespace {

using Kind = TiffSampleFormat::Kind;

std::string bits_of(std::uint64_t value, int bits) {
  std::string text;
  for (int i = bits - 1; i >= 0; --i) text += (value >> i & 1U) != 0 ? '1' : '0';
  return text;
}

std::vector<std::uint8_t> bytes_of_bits(std::string text, bool reversed = false) {
  while (text.size() % 8 != 0) text += '0';
  std::vector<std::uint8_t> bytes(text.size() / 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t place = reversed ? i % 8 : 7 - i % 8;
    if (text[i] == '1') bytes[i / 8] |= static_cast<std::uint8_t>(1U << place);
  }
  return bytes;
}

// Values of `bits` bits that reach every bit and both ends.
std::vector<std::uint64_t> values_of(int bits) {
  const std::uint64_t most = (std::uint64_t{1} << bits) - 1;
  std::vector<std::uint64_t> values{0, most, 1, most - 1, most / 2, most / 2 + 1};
  for (std::uint64_t i = 0; i < 31; ++i) values.push_back(i * 0x9E3779B97F4A7C15U >> (64 - bits));
  return values;
}

// Unpacks from `first` on into every second place, and gives what was written.
template <class T>
std::vector<double> numbers_as(const TiffSampleFormat& format, const std::vector<std::uint8_t>& row,
                               std::size_t first, std::size_t count) {
  constexpr std::size_t kStep = 2;
  std::vector<T> out(count * kStep, T{99});
  unpack_samples(format, {row.data(), first, count}, out.data(), kStep);
  std::vector<double> values;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % kStep == 0) {
      values.push_back(static_cast<double>(out[i]));
    } else {
      EXPECT_EQ(out[i], T{99}) << "between two samples";
    }
  }
  return values;
}

std::vector<double> numbers_in(const TiffSampleFormat& format, const std::vector<std::uint8_t>& row,
                               std::size_t first, std::size_t count) {
  switch (format.type()) {
    case SampleType::u8:
      return numbers_as<std::uint8_t>(format, row, first, count);
    case SampleType::u16:
      return numbers_as<std::uint16_t>(format, row, first, count);
    case SampleType::u32:
      return numbers_as<std::uint32_t>(format, row, first, count);
    default:
      return numbers_as<float>(format, row, first, count);
  }
}

// What a stored number becomes: spread over a byte, its bits repeated, or as it is; of a signed one
// 2^(bits - 1) more.
double number_of(std::uint64_t stored, int bits, Kind kind) {
  if (kind == Kind::signed_integer) {
    const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
    const auto value = static_cast<std::int64_t>(stored) -
                       ((stored & sign) != 0 ? std::int64_t{1} << bits : std::int64_t{0});
    return static_cast<double>(value) + std::ldexp(1.0, bits - 1);
  }
  if (bits >= 8) return static_cast<double>(stored);
  std::string repeated;
  while (repeated.size() < 8) repeated += bits_of(stored, bits);
  return static_cast<double>(std::stoul(repeated.substr(0, 8), nullptr, 2));
}

TEST(TiffSamples, PackedIntegersOfEveryWidth) {
  for (int bits = 1; bits <= 16; ++bits) {
    if (bits == 8 || bits == 16) continue;  // those lie in the host's order: see below
    SCOPED_TRACE(bits);
    for (const Kind kind : {Kind::unsigned_integer, Kind::signed_integer}) {
      if (kind == Kind::signed_integer && bits < 8) continue;  // not served
      const TiffSampleFormat format{bits, kind};
      EXPECT_EQ(format.type(), bits < 8 ? SampleType::u8 : SampleType::u16);
      const std::vector<std::uint64_t> stored = values_of(bits);
      std::string text;
      std::vector<double> expected;
      for (const std::uint64_t value : stored) {
        text += bits_of(value, bits);
        expected.push_back(number_of(value, bits, kind));
      }
      const std::vector<std::uint8_t> row = bytes_of_bits(text);
      for (std::size_t first = 0; first < 9; ++first) {
        EXPECT_EQ(numbers_in(format, row, first, stored.size() - first),
                  std::vector<double>(expected.begin() + static_cast<std::ptrdiff_t>(first),
                                      expected.end()))
            << "from " << first;
      }
    }
  }
}

TEST(TiffSamples, IntegersOfWholeBytesInBothByteOrders) {
  for (const int bits : {8, 16, 24, 32}) {
    for (const bool big_endian : {false, true}) {
      for (const Kind kind : {Kind::unsigned_integer, Kind::signed_integer}) {
        SCOPED_TRACE(std::to_string(bits) + (big_endian ? " big" : " little"));
        const TiffSampleFormat format{bits, kind};
        const std::vector<std::uint64_t> stored = values_of(bits);
        TiffBytes row{big_endian};
        std::vector<double> expected;
        for (const std::uint64_t value : stored) {
          row.number(value, bits / 8);
          expected.push_back(number_of(value, bits, kind));
        }
        const std::size_t width = format.swapped_bytes();
        EXPECT_EQ(width, bits == 8 ? 0U : static_cast<std::size_t>(bits) / 8);
        if (big_endian != (std::endian::native == std::endian::big) && width != 0) {
          swap_samples(row.bytes, width);
        }
        EXPECT_EQ(numbers_in(format, row.bytes, 0, stored.size()), expected);
        EXPECT_EQ(numbers_in(format, row.bytes, 3, 1), (std::vector<double>{expected[3]}));
        EXPECT_EQ(format.offset(), kind == Kind::signed_integer ? -std::ldexp(1.0, bits - 1) : 0.0);
      }
    }
  }
}

// By IEEE 754: (-1)^s 2^(e - bias) (1 + f / 2^n), and 2^(1 - bias) f / 2^n where e is 0.
double float_of(std::uint64_t stored, int exponent_bits, int fraction_bits) {
  const auto most = static_cast<std::uint64_t>((1 << exponent_bits) - 1);
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const std::uint64_t exponent = stored >> fraction_bits & most;
  const auto fraction = static_cast<double>(stored & ((std::uint64_t{1} << fraction_bits) - 1));
  const double part = std::ldexp(fraction, -fraction_bits);
  double value = std::ldexp(1 + part, static_cast<int>(exponent) - bias);
  if (exponent == 0) value = std::ldexp(part, 1 - bias);
  if (exponent == most) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  }
  return (stored >> (exponent_bits + fraction_bits) & 1U) != 0 ? -value : value;
}

void expect_floats(int bits, int exponent_bits, int fraction_bits,
                   const std::vector<std::uint64_t>& stored) {
  const TiffSampleFormat format{bits, Kind::floating};
  for (const bool big_endian : {false, true}) {
    TiffBytes row{big_endian};
    for (const std::uint64_t number : stored) row.number(number, bits / 8);
    if (big_endian != (std::endian::native == std::endian::big)) {
      swap_samples(row.bytes, format.swapped_bytes());
    }
    const std::vector<double> found = numbers_in(format, row.bytes, 0, stored.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const double expected = float_of(stored[i], exponent_bits, fraction_bits);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(found[i])) << stored[i];
      } else {
        ASSERT_EQ(found[i], expected) << stored[i];
        ASSERT_EQ(std::signbit(found[i]), std::signbit(expected)) << stored[i];
      }
    }
  }
}

TEST(TiffSamples, FloatsOf16Bits) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t value = 0; value < 65536; ++value) all.push_back(value);
  expect_floats(16, 5, 10, all);
}

TEST(TiffSamples, FloatsOf24Bits) {
  std::vector<std::uint64_t> stored;
  for (std::uint64_t top = 0; top < 256; ++top) {
    for (const std::uint64_t fraction : {0U, 1U, 0x5555U, 0x8000U, 0xFFFFU}) {
      stored.push_back(top << 16U | fraction);
    }
  }
  expect_floats(24, 7, 16, stored);
}

TEST(TiffSamples, FloatsOf32Bits) {
  std::vector<std::uint64_t> stored;
  for (std::uint64_t top = 0; top < 512; ++top) {
    for (const std::uint64_t fraction : {0U, 1U, 0x555555U, 0x7FFFFFU}) {
      stored.push_back(top << 23U | fraction);
    }
  }
  expect_floats(32, 8, 23, stored);
}

TEST(TiffSamples, FloatsOf64BitsBecomeTheNearestOf32) {
  struct Case {
    double stored;
    float expected;
  };
  const double ulp = std::ldexp(1.0, -23);  // of a float at 1
  const float most = std::numeric_limits<float>::max();
  const float infinite = std::numeric_limits<float>::infinity();
  const TiffSampleFormat format{64, Kind::floating};
  for (const Case& of : std::vector<Case>{{0, 0},
                                          {-1.5, -1.5F},
                                          {1 + 0.49 * ulp, 1},
                                          {1 + 0.51 * ulp, static_cast<float>(1 + ulp)},
                                          {1 + 0.5 * ulp, 1},  // the even one of two as near
                                          {1 + 1.5 * ulp, static_cast<float>(1 + 2 * ulp)},
                                          {double{most}, most},
                                          {1e39, infinite},
                                          {-1e300, -infinite},
                                          {1e-60, 0},
                                          {std::numeric_limits<double>::infinity(), infinite}}) {
    for (const bool big_endian : {false, true}) {
      TiffBytes row{big_endian};
      row.number(std::bit_cast<std::uint64_t>(of.stored), 8);
      if (big_endian != (std::endian::native == std::endian::big)) swap_samples(row.bytes, 8);
      EXPECT_EQ(numbers_in(format, row.bytes, 0, 1), (std::vector<double>{of.expected}))
          << of.stored;
    }
  }
}

TEST(TiffSamples, StoredIntegersAreNeitherSpreadNorTurned) {
  for (const int bits : {1, 2, 4, 5, 12}) {
    const std::vector<std::uint64_t> stored = values_of(bits);
    std::string text;
    for (const std::uint64_t value : stored) text += bits_of(value, bits);
    const std::vector<std::uint8_t> row = bytes_of_bits(text);
    std::vector<std::uint16_t> out(stored.size());
    unpack_stored_integers(bits, {row.data(), 0, stored.size()}, out.data(), 1);
    EXPECT_EQ(std::vector<std::uint64_t>(out.begin(), out.end()), stored) << bits;
  }
}

// FillOrder 2 begins each byte with its lowest bit; libtiff turns it round. A picture of one row of
// grey samples reads the same in either order of bits and of bytes.
TEST(TiffSamples, BothFillOrdersAndByteOrdersInAFile) {
  for (const int bits : {1, 2, 4, 8, 12, 16, 24, 32}) {
    for (const bool reversed : {false, true}) {
      for (const bool big_endian : {false, true}) {
        SCOPED_TRACE(std::to_string(bits) + (reversed ? " reversed" : "") +
                     (big_endian ? " big" : " little"));
        const std::vector<std::uint64_t> stored = values_of(bits);
        std::string text;
        std::vector<double> expected;
        for (const std::uint64_t value : stored) {
          const int width = bits % 8 == 0 ? bits / 8 : 0;
          TiffBytes sample{big_endian};
          sample.number(value, width);
          for (const std::uint8_t byte : sample.bytes) text += bits_of(byte, 8);
          if (width == 0) text += bits_of(value, bits);
          expected.push_back(number_of(value, bits, Kind::unsigned_integer));
        }
        const std::vector<std::uint8_t> row = bytes_of_bits(text, reversed);
        TiffBytes file{big_endian};
        file.header(8).entries(10).entry(256, 4, 1, {stored.size()}, 4).entry(257, 4, 1, {1}, 4);
        file.entry(258, 3, 1, {static_cast<std::uint64_t>(bits)}, 2).entry(259, 3, 1, {1}, 2);
        file.entry(262, 3, 1, {1}, 2).entry(266, 3, 1, {reversed ? 2U : 1U}, 2);
        file.entry(273, 4, 1, {8 + 2 + 120 + 4}, 4).entry(277, 3, 1, {1}, 2);
        file.entry(278, 4, 1, {1}, 4).entry(279, 4, 1, {row.size()}, 4).next(0);
        file.bytes.insert(file.bytes.end(), row.begin(), row.end());
        const ScratchFolder folder;
        write_file(folder.file("row.tif"), file.bytes);
        OpenImage image(folder.file("row.tif"));
        const auto width = static_cast<std::int64_t>(stored.size());
        const Raster raster = image.read(0, {0, 0, width, 1});
        for (std::int64_t x = 0; x < width; ++x) {
          EXPECT_EQ(value(raster, x, 0), expected[static_cast<std::size_t>(x)]) << x;
        }
      }
    }
  }
}

}  // namespace
}  // namespace iip::test

// Samples as a TIFF stores them, and the numbers that they become.
//
// Stored samples have 1 to 16, 24 or 32 bits as integers and 16, 24, 32 or 64 bits as floats. Those
// of 8, 16, 24, 32 and 64 bits are taken in the host's byte order, any others as a run of bits, the
// most significant first, that begins anew with each row. They become
//
//   up to 8 bits   u8 over its full range, the bits repeated: x255, x85, x17, (v << 2) | (v >> 4)
//   9 to 16 bits   u16, the values as they are
//   24 and 32      u32, the values as they are
//   signed ones    the same with the sign bit turned, which adds 2^(bits - 1)
//   floats         f32; of 64 bits to the nearest, infinite where they are out of its range
//
// Sources: TIFF 6.0, section 8; the half float of IEEE 754; for 24 bits (a sign, 7 bits of
// exponent, 16 of fraction) the DNG specification 1.4.
//
// Value types; the functions keep nothing and are for any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/image/raster.h"

namespace iip {

struct TiffSampleFormat {
  enum class Kind : std::uint8_t { unsigned_integer, signed_integer, floating };

  int bits = 8;
  Kind kind = Kind::unsigned_integer;

  bool is_float() const { return kind == Kind::floating; }
  bool is_signed() const { return kind == Kind::signed_integer; }
  // Whether a stored sample and its number are the same bytes.
  bool is_stored_as_is() const;
  // The bytes of a sample that lie in the file's byte order; 0 where that does not matter.
  std::size_t swapped_bytes() const;

  // The type of the numbers that samples are made into.
  SampleType type() const;
  double largest() const;  // the largest that an integer can be; 1 for floats
  // What the file means by the number 0.
  double offset() const;

  friend bool operator==(const TiffSampleFormat&, const TiffSampleFormat&) = default;
};

// Where packed samples lie: from `first` on in a row that begins at `row`.
struct TiffPackedSamples {
  const std::uint8_t* row = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
};

// Writes the numbers of `in` to `out`, `step` apart. T is the type of format.type(). Not a byte
// beyond the last sample is read.
template <class T>
void unpack_samples(const TiffSampleFormat& format, const TiffPackedSamples& in, T* out,
                    std::size_t step);

// As above, of integers of up to 16 bits, but as they are stored: not spread over the range of u8,
// the sign bit not turned. For what is an index.
template <class T>
void unpack_stored_integers(int bits, const TiffPackedSamples& in, T* out, std::size_t step);

// An integer of 1 to 8 bits spread over the range of a byte.
std::uint8_t spread_over_byte(std::uint32_t value, int bits);

// Turns the byte order of samples of 2, 3, 4 or 8 bytes.
void swap_samples(std::span<std::uint8_t> bytes, std::size_t width);

}  // namespace iip

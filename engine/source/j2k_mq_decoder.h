// The arithmetic decoder of JPEG 2000's code-blocks (ISO/IEC 15444-1 annex C), and the plain bits
// that take its place in the lazy mode (annex D.6).
//
// Both read one segment of a code-block, behind which two bytes of 0xFF must stand: what the
// standard says about the end of data follows from those.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace iip {

// One row of table C.2.
struct J2kMqRow {
  std::uint16_t estimate;
  std::uint8_t next_if_more_probable;
  std::uint8_t next_if_less_probable;
  bool switches;
};

inline constexpr std::array<J2kMqRow, 47> kJ2kMqRows{{
    {0x5601, 1, 1, true},    {0x3401, 2, 6, false},   {0x1801, 3, 9, false},
    {0x0AC1, 4, 12, false},  {0x0521, 5, 29, false},  {0x0221, 38, 33, false},
    {0x5601, 7, 6, true},    {0x5401, 8, 14, false},  {0x4801, 9, 14, false},
    {0x3801, 10, 14, false}, {0x3001, 11, 17, false}, {0x2401, 12, 18, false},
    {0x1C01, 13, 20, false}, {0x1601, 29, 21, false}, {0x5601, 15, 14, true},
    {0x5401, 16, 14, false}, {0x5101, 17, 15, false}, {0x4801, 18, 16, false},
    {0x3801, 19, 17, false}, {0x3401, 20, 18, false}, {0x3001, 21, 19, false},
    {0x2801, 22, 19, false}, {0x2401, 23, 20, false}, {0x2201, 24, 21, false},
    {0x1C01, 25, 22, false}, {0x1801, 26, 23, false}, {0x1601, 27, 24, false},
    {0x1401, 28, 25, false}, {0x1201, 29, 26, false}, {0x1101, 30, 27, false},
    {0x0AC1, 31, 28, false}, {0x09C1, 32, 29, false}, {0x08A1, 33, 30, false},
    {0x0521, 34, 31, false}, {0x0441, 35, 32, false}, {0x02A1, 36, 33, false},
    {0x0221, 37, 34, false}, {0x0141, 38, 35, false}, {0x0111, 39, 36, false},
    {0x0085, 40, 37, false}, {0x0049, 41, 38, false}, {0x0025, 42, 39, false},
    {0x0015, 43, 40, false}, {0x0009, 44, 41, false}, {0x0005, 45, 42, false},
    {0x0001, 45, 43, false}, {0x5601, 46, 46, false},
}};

// A row of the table for one of the two symbols that can be expected.
struct J2kMqState {
  std::int32_t estimate;  // in the units of J2kMqDecoder
  std::uint8_t expected;
  std::array<std::uint8_t, 2> next;  // states, if the expected symbol came and if not
};

// Two for each row of the table: 2 * row + the expected symbol.
inline constexpr auto kJ2kMqStates = [] {
  std::array<J2kMqState, 2 * kJ2kMqRows.size()> states{};
  for (std::size_t i = 0; i < states.size(); ++i) {
    const J2kMqRow& row = kJ2kMqRows[i / 2];
    const auto symbol = static_cast<std::uint8_t>(i % 2);
    states[i] = {row.estimate << 8,
                 symbol,
                 {static_cast<std::uint8_t>(2 * row.next_if_more_probable + symbol),
                  static_cast<std::uint8_t>(2 * row.next_if_less_probable +
                                            (row.switches ? 1 - symbol : symbol))}};
  }
  return states;
}();

// What a context has learned.
using J2kMqContext = J2kMqState;

// The registers A and C of the standard, less eight bits of C that are always 0. As long as the
// expected symbol comes and nothing has to be renormalised, both shrink by the estimate: so that
// only `room_` needs to be touched then, the lesser of what is left of either.
class J2kMqDecoder {
 public:
  void start(const std::uint8_t* bytes) {
    next_ = bytes;
    code_ = *next_ << 8;
    read_byte();
    code_ <<= 7;
    bits_ -= 7;
    interval_ = kHalf;
    set_room();
  }

  [[gnu::always_inline]] unsigned decode(J2kMqContext& context) {
    room_ -= context.estimate;
    if (room_ >= 0) [[likely]]
      return context.expected;
    return settle(context);
  }

 private:
  static constexpr std::int32_t kHalf = 0x8000 << 8;
  static constexpr int kTopZeros = 8;  // of an interval of kHalf or more, in 32 bits

  [[gnu::always_inline]] unsigned settle(J2kMqContext& context) {
    interval_ += room_;
    code_ += room_;
    const std::int32_t estimate = context.estimate;
    // All ones where the code lies in the interval of the less probable symbol. What is likely here
    // is what could not be foretold: so no branches.
    const std::int32_t less = code_ >> 31;
    const auto surprise =
        static_cast<unsigned>(less + 1) ^ static_cast<unsigned>(interval_ >= estimate ? 1 : 0);
    code_ += estimate & less;
    interval_ = (estimate & less) | (interval_ & ~less);
    const unsigned symbol = context.expected ^ surprise;
    context = kJ2kMqStates[context.next[surprise]];
    int wanted = std::countl_zero(static_cast<std::uint32_t>(interval_)) - kTopZeros;
    while (wanted > bits_) {
      interval_ <<= bits_;
      code_ <<= bits_;
      wanted -= bits_;
      read_byte();
    }
    interval_ <<= wanted;
    code_ <<= wanted;
    bits_ -= wanted;
    set_room();
    return symbol;
  }

  [[gnu::always_inline]] void set_room() {
    room_ = std::min(interval_ - kHalf, code_);
    interval_ -= room_;
    code_ -= room_;
  }

  [[gnu::always_inline]] void read_byte() {
    const unsigned behind = next_[1];
    if (*next_ != 0xFF) {
      code_ += static_cast<std::int32_t>(behind);
      ++next_;
      bits_ = 8;
    } else if (behind > 0x8F) {
      code_ += 0xFF;
      bits_ = 8;
    } else {
      code_ += static_cast<std::int32_t>(behind << 1);
      ++next_;
      bits_ = 7;
    }
  }

  const std::uint8_t* next_ = nullptr;
  std::int32_t room_ = 0;
  std::int32_t interval_ = 0;  // less room_
  std::int32_t code_ = 0;      // less room_
  int bits_ = 0;
};

class J2kRawDecoder {
 public:
  void start(const std::uint8_t* bytes) {
    next_ = bytes;
    byte_ = 0;
    bits_ = 0;
  }

  unsigned bit() {
    if (bits_ == 0) {
      bits_ = byte_ == 0xFF ? 7 : 8;
      if (byte_ == 0xFF && *next_ > 0x8F) {
        bits_ = 8;
      } else {
        byte_ = *next_++;
      }
    }
    return static_cast<unsigned>(byte_ >> --bits_) & 1U;
  }

 private:
  const std::uint8_t* next_ = nullptr;
  std::uint8_t byte_ = 0;
  int bits_ = 0;
};

}  // namespace iip

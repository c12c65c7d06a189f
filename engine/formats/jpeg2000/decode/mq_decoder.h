// The arithmetic decoder of JPEG 2000's code-blocks (ISO/IEC 15444-1 annex C), and the plain bits
// that take its place in the lazy mode (annex D.6).
//
// Each decoder reads one segment of a code-block. Bytes of 0xFF must follow the segment in memory:
// the first two of them make a decoder do what the standard says about the end of data. A decoder
// is for one thread at a time; the tables are constants.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

// What a context has learned, in one word: the estimate in the units of J2kMqDecoder; how far an
// interval of that size is to be shifted; and its state, which is 2 * row + the expected symbol.
struct J2kMqContext {
  static constexpr int kEstimateAt = 47;
  static constexpr int kShiftAt = 8;

  std::uint64_t word = 0;

  std::uint64_t estimate() const { return word >> kEstimateAt << kEstimateAt; }
  std::uint64_t shift() const { return word >> kShiftAt & 0xFF; }
  std::size_t state() const { return word & 0xFF; }
  unsigned expected() const { return static_cast<unsigned>(word & 1); }
};

constexpr J2kMqContext j2k_mq_context(std::size_t row, unsigned expected) {
  const std::uint64_t estimate = kJ2kMqRows[row].estimate;
  const int shift = std::countl_zero(kJ2kMqRows[row].estimate);
  return {estimate << J2kMqContext::kEstimateAt |
          static_cast<std::uint64_t>(shift) << J2kMqContext::kShiftAt | (2 * row + expected)};
}

// What the word of a context is to be changed by (exclusive or) when the interval is renormalised:
// by the first where the expected symbol came, and by both where not.
struct J2kMqSteps {
  std::array<std::uint64_t, 2 * kJ2kMqRows.size()> expected{};
  std::array<std::uint64_t, 2 * kJ2kMqRows.size()> surprised{};
};
inline constexpr J2kMqSteps kJ2kMqSteps = [] {
  J2kMqSteps steps;
  for (std::size_t state = 0; state < steps.expected.size(); ++state) {
    const J2kMqRow& row = kJ2kMqRows[state / 2];
    const unsigned symbol = state % 2;
    const std::uint64_t now = j2k_mq_context(state / 2, symbol).word;
    const std::uint64_t expected = j2k_mq_context(row.next_if_more_probable, symbol).word;
    const std::uint64_t surprised =
        j2k_mq_context(row.next_if_less_probable, row.switches ? 1 - symbol : symbol).word;
    steps.expected[state] = now ^ expected;
    steps.surprised[state] = expected ^ surprised;
  }
  return steps;
}();

// The registers A and C of the standard, whose bit 0 of A and 16 of C is bit 47 here: so that up to
// 47 bits of what follows are there before they are needed, and a difference that is below 0 is
// told by its sign. Numbers are unsigned so that those of a damaged file may wrap around.
class J2kMqDecoder {
 public:
  // How many bytes after a segment may be read, though only the first two have an effect.
  static constexpr std::size_t kBytesBehind = 8;

  void start(const std::uint8_t* bytes) {
    next_ = bytes;
    code_ = std::uint64_t{*bytes} << (kUnit + 7);
    bits_ = -7;
    refill();
    interval_ = kHalf;
  }

  // For symbols that mostly are what is expected.
  [[gnu::always_inline]] unsigned decode_expected(J2kMqContext& context) {
    const std::uint64_t estimate = context.estimate();
    interval_ -= estimate;
    code_ -= estimate;
    if (static_cast<std::int64_t>((interval_ - kHalf) | code_) >= 0) [[likely]]
      return context.expected();
    return settle(context, estimate);
  }

  // For symbols that can not be foretold, nor whether the interval is long enough for them: faster
  // for those without a branch.
  [[gnu::always_inline]] unsigned decode(J2kMqContext& context) {
    const std::uint64_t estimate = context.estimate();
    interval_ -= estimate;
    code_ -= estimate;
    return settle(context, estimate);
  }

 private:
  static constexpr int kUnit = J2kMqContext::kEstimateAt;
  static constexpr int kTop = kUnit + 15;
  static constexpr std::uint64_t kHalf = std::uint64_t{1} << kTop;

  // The interval is that of the more probable symbol, and the code counted from it. Masks are all
  // ones where something holds. `less`: the code lies in the interval of the less probable symbol;
  // those are exchanged where it is the larger one, but never where nothing has to be renormalised.
  [[gnu::always_inline]] unsigned settle(J2kMqContext& context, std::uint64_t estimate) {
    const J2kMqContext now = context;
    const std::uint64_t less = sign_mask(code_);
    const std::uint64_t is_short = less | sign_mask(interval_ - kHalf);
    const std::uint64_t surprise = less ^ sign_mask(interval_ - estimate);
    context.word = now.word ^ (kJ2kMqSteps.surprised[now.state()] & surprise) ^
                   (kJ2kMqSteps.expected[now.state()] & is_short);
    // The interval of the more probable symbol is at least a quarter of kHalf, so it is doubled at
    // most twice.
    const std::uint64_t shift = chosen(less, now.shift(), 2U >> (interval_ >> (kTop - 1)));
    interval_ = chosen(less, estimate, interval_) << shift;
    code_ = (code_ + (estimate & less)) << shift;
    bits_ -= static_cast<int>(shift);
    if (bits_ < 0) [[unlikely]]
      refill();
    return now.expected() ^ static_cast<unsigned>(surprise & 1);
  }

  static std::uint64_t sign_mask(std::uint64_t value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value) >> 63);
  }
  static std::uint64_t chosen(std::uint64_t mask, std::uint64_t if_set, std::uint64_t if_not) {
    return if_not ^ ((if_not ^ if_set) & mask);
  }

  [[gnu::always_inline]] void refill() {
    std::uint32_t last = 0;
    std::uint32_t behind = 0;
    std::memcpy(&last, next_, sizeof last);
    std::memcpy(&behind, next_ + 1, sizeof behind);
    if (has_byte_of_ones(last)) {
      const Code code = refilled_slowly({next_, code_, bits_});
      next_ = code.next;
      code_ = code.value;
      bits_ = code.bits;
      return;
    }
    if constexpr (std::endian::native == std::endian::little) behind = __builtin_bswap32(behind);
    code_ += std::uint64_t{behind} << (kUnit - 32 - bits_);
    bits_ += 32;
    next_ += 4;
  }

  static bool has_byte_of_ones(std::uint32_t four) {
    return ((~four - 0x01010101U) & four & 0x80808080U) != 0;
  }

  // A byte after 0xFF brings only seven new bits, and one that is added to those before it (bit
  // stuffing); unless the two are a marker: then the data is over, and only ones follow. This is
  // passed by value, because the compiler keeps no variable in registers whose address is taken.
  struct Code {
    const std::uint8_t* next;
    std::uint64_t value;
    int bits;
  };
  [[gnu::noinline]] static Code refilled_slowly(Code code) {
    constexpr int kEnough = 24;
    while (code.bits < kEnough) {
      const std::uint64_t behind = code.next[1];
      const bool is_stuffed = *code.next == 0xFF;
      const bool is_marker = is_stuffed && behind > 0x8F;
      code.bits += is_stuffed && !is_marker ? 7 : 8;
      code.value += (is_marker ? 0xFF : behind) << (kUnit - code.bits);
      if (!is_marker) ++code.next;
    }
    return code;
  }

  const std::uint8_t* next_ = nullptr;  // the last byte that was read
  std::uint64_t interval_ = 0;          // A
  std::uint64_t code_ = 0;              // C
  int bits_ = 0;                        // how many bits code_ has ready below its unit
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

// The arithmetic decoder of JPEG 2000's code-blocks (ISO/IEC 15444-1 annex C), and the plain bits
// that take its place in the lazy mode (annex D.6).
//
// Both read one segment of a code-block, behind which bytes of 0xFF must stand: what the standard
// says about the end of data follows from the first two.
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
  std::uint64_t shift() const { return word >> kShiftAt & 0xF; }
  std::size_t state() const { return word & 0xFF; }
  unsigned expected() const { return static_cast<unsigned>(word & 1); }
};

constexpr J2kMqContext j2k_mq_context(std::size_t row, unsigned expected) {
  const std::uint64_t estimate = kJ2kMqRows[row].estimate;
  const int shift = std::countl_zero(kJ2kMqRows[row].estimate);
  return {estimate << J2kMqContext::kEstimateAt |
          static_cast<std::uint64_t>(shift) << J2kMqContext::kShiftAt | (2 * row + expected)};
}

// The context that follows a state if the expected symbol came, and if not.
struct J2kMqSteps {
  std::array<J2kMqContext, 2 * kJ2kMqRows.size()> expected{};
  std::array<J2kMqContext, 2 * kJ2kMqRows.size()> surprised{};
};
inline constexpr J2kMqSteps kJ2kMqSteps = [] {
  J2kMqSteps steps;
  for (std::size_t state = 0; state < steps.expected.size(); ++state) {
    const J2kMqRow& row = kJ2kMqRows[state / 2];
    const unsigned symbol = state % 2;
    steps.expected[state] = j2k_mq_context(row.next_if_more_probable, symbol);
    steps.surprised[state] =
        j2k_mq_context(row.next_if_less_probable, row.switches ? 1 - symbol : symbol);
  }
  return steps;
}();

// The registers A and C of the standard, whose bit 0 of A and 16 of C is bit 47 here: so that up to
// 47 bits of what follows are there before they are needed. Half is taken from A, so that it is
// negative when it has to be renormalised. Numbers are unsigned so that those of a damaged file may
// wrap around.
class J2kMqDecoder {
 public:
  // So many bytes behind a segment are read, though only the first two count.
  static constexpr std::size_t kBytesBehind = 8;

  void start(const std::uint8_t* bytes) {
    next_ = bytes;
    code_ = std::uint64_t{*bytes} << (kUnit + 7);
    bits_ = -7;
    refill();
    spare_ = 0;
  }

  // For symbols that mostly are what is expected.
  [[gnu::always_inline]] unsigned decode_expected(J2kMqContext& context) {
    const std::uint64_t estimate = take_estimate(context);
    if (static_cast<std::int64_t>(spare_ | code_) >= 0) [[likely]]
      return context.expected();
    return settle(context, estimate, ~std::uint64_t{0});
  }

  // For symbols that can not be foretold, nor whether the interval is long enough for them: faster
  // for those without a branch.
  [[gnu::always_inline]] unsigned decode(J2kMqContext& context) {
    const std::uint64_t estimate = take_estimate(context);
    return settle(context, estimate, sign_mask(spare_ | code_));
  }

 private:
  static constexpr int kUnit = J2kMqContext::kEstimateAt;
  static constexpr int kTop = kUnit + 15;
  static constexpr std::uint64_t kHalf = std::uint64_t{1} << kTop;

  [[gnu::always_inline]] std::uint64_t take_estimate(const J2kMqContext& context) {
    const std::uint64_t estimate = context.estimate();
    spare_ -= estimate;
    code_ -= estimate;
    return estimate;
  }

  // Masks are all ones where something holds. `is_short`: what is left has to be renormalised.
  // `less`: the code lies in the interval of the less probable symbol; those are exchanged where it
  // is the larger one.
  [[gnu::always_inline]] unsigned settle(J2kMqContext& context, std::uint64_t estimate,
                                         std::uint64_t is_short) {
    const J2kMqContext now = context;
    const std::uint64_t less = sign_mask(code_);
    const std::uint64_t surprise = less ^ sign_mask(spare_ + (kHalf - estimate));
    const std::uint64_t next = chosen(surprise, kJ2kMqSteps.surprised[now.state()].word,
                                      kJ2kMqSteps.expected[now.state()].word);
    context.word = chosen(is_short, next, now.word);
    // Of the interval of the more probable symbol a quarter is left, or more.
    const std::uint64_t shift = (2 - (spare_ >> (kTop - 1) & 1)) & is_short;
    const std::uint64_t spare = ((spare_ + kHalf) << shift) - kHalf;
    const std::uint64_t spare_of_less = (estimate << now.shift()) - kHalf;
    const std::uint64_t code_of_less = (code_ + estimate) << now.shift();
    spare_ = chosen(less, spare_of_less, spare);
    code_ = chosen(less, code_of_less, code_ << shift);
    bits_ -= static_cast<int>(chosen(less, now.shift(), shift));
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

  // Behind 0xFF a byte has seven bits more, and one that is added to those before; or it is a
  // marker, and only ones follow. Not told where the decoder is: what has an address is not kept in
  // registers.
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
  std::uint64_t spare_ = 0;             // A - half
  std::uint64_t code_ = 0;              // C
  int bits_ = 0;                        // of code_ that are there below its unit
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

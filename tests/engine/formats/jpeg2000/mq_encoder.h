// The arithmetic encoder of JPEG 2000, and its decoder as the standard draws it: bit by bit after
// the flow charts of ISO/IEC 15444-1 annex C, for comparison with the engine's decoder.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codestream_writer.h"

namespace iip::test {

// Table C.2, one line for each column of numbers, as it is printed: indices 0 to 46.
struct MqTable {
  std::array<std::uint32_t, 47> estimate{
      0x5601, 0x3401, 0x1801, 0x0AC1, 0x0521, 0x0221, 0x5601, 0x5401, 0x4801, 0x3801,  // 0 to 9
      0x3001, 0x2401, 0x1C01, 0x1601, 0x5601, 0x5401, 0x5101, 0x4801, 0x3801, 0x3401,  // to 19
      0x3001, 0x2801, 0x2401, 0x2201, 0x1C01, 0x1801, 0x1601, 0x1401, 0x1201, 0x1101,  // to 29
      0x0AC1, 0x09C1, 0x08A1, 0x0521, 0x0441, 0x02A1, 0x0221, 0x0141, 0x0111, 0x0085,  // to 39
      0x0049, 0x0025, 0x0015, 0x0009, 0x0005, 0x0001, 0x5601};
  std::array<std::uint8_t, 47> after_more_probable{1,  2,  3,  4,  5,  38, 7,  8,  9,  10, 11, 12,
                                                   13, 29, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                                                   25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
                                                   37, 38, 39, 40, 41, 42, 43, 44, 45, 45, 46};
  std::array<std::uint8_t, 47> after_less_probable{1,  6,  9,  12, 29, 33, 6,  14, 14, 14, 17, 18,
                                                   20, 21, 14, 14, 15, 16, 17, 18, 19, 19, 20, 21,
                                                   22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
                                                   34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 46};
  static bool switches(std::size_t index) { return index == 0 || index == 6 || index == 14; }
};

// What a context knows: I(CX) and MPS(CX).
struct MqState {
  std::size_t index = 0;
  unsigned more_probable = 0;

  std::uint32_t estimate() const { return kTable.estimate[index]; }
  void see_more_probable() { index = kTable.after_more_probable[index]; }
  void see_less_probable() {
    if (MqTable::switches(index)) more_probable = 1 - more_probable;
    index = kTable.after_less_probable[index];
  }

 private:
  static constexpr MqTable kTable{};
};

class MqEncoder {
 public:
  void encode(MqState& context, unsigned symbol) {
    const std::uint32_t estimate = context.estimate();
    a_ -= estimate;
    if (symbol == context.more_probable) {  // CODEMPS
      const bool is_short = (a_ & 0x8000U) == 0;
      if (is_short && a_ < estimate) {
        a_ = estimate;
      } else {
        c_ += estimate;
      }
      if (!is_short) return;
      context.see_more_probable();
    } else {  // CODELPS
      if (a_ < estimate) {
        c_ += estimate;
      } else {
        a_ = estimate;
      }
      context.see_less_probable();
    }
    do {  // RENORME
      a_ <<= 1U;
      c_ <<= 1U;
      if (--ct_ == 0) byte_out();
    } while ((a_ & 0x8000U) == 0);
  }

  // FLUSH: gives the bytes, and is as new for the next segment. The last is never 0xFF.
  Data flush() {
    const std::uint32_t most = c_ + a_;  // SETBITS
    c_ |= 0xFFFFU;
    if (c_ >= most) c_ -= 0x8000U;
    c_ <<= ct_;
    byte_out();
    c_ <<= ct_;
    byte_out();
    if (bytes_.back() == 0xFF) bytes_.pop_back();
    Data data(bytes_.begin() + 1, bytes_.end());
    *this = MqEncoder();
    return data;
  }

 private:
  void byte_out() {
    if (bytes_.back() != 0xFF && c_ >= 0x8000000U) {
      ++bytes_.back();
      c_ &= 0x7FFFFFFU;
    }
    const bool is_stuffed = bytes_.back() == 0xFF;
    const unsigned at = is_stuffed ? 20 : 19;
    bytes_.push_back(static_cast<std::uint8_t>(c_ >> at));
    c_ &= (1U << at) - 1;
    ct_ = is_stuffed ? 7 : 8;
  }

  std::uint32_t a_ = 0x8000;
  std::uint32_t c_ = 0;
  unsigned ct_ = 12;
  Data bytes_ = Data(1);  // the first stands before the data, for a carry that never comes
};

class MqReferenceDecoder {
 public:
  // Behind its end a segment goes on as a marker would.
  explicit MqReferenceDecoder(Data data) : data_(std::move(data)) {
    c_ = std::uint32_t{at(0)} << 16U;
    byte_in();
    c_ <<= 7U;
    ct_ -= 7;
  }

  // Not where bits have been added that no encoder could have written: the code is to lie within
  // the interval, and what follows is nowhere said.
  bool is_possible() const { return c_ >> 16U < a_; }

  unsigned decode(MqState& context) {
    const std::uint32_t estimate = context.estimate();
    a_ -= estimate;
    const bool is_upper = c_ >> 16U >= estimate;
    if (is_upper) {
      c_ -= estimate << 16U;
      if ((a_ & 0x8000U) != 0) return context.more_probable;
    }
    // MPS_EXCHANGE and LPS_EXCHANGE: the larger part is that of the more probable symbol.
    const bool is_more_probable = is_upper == (a_ >= estimate);
    if (!is_upper) a_ = estimate;
    const unsigned symbol = is_more_probable ? context.more_probable : 1 - context.more_probable;
    is_more_probable ? context.see_more_probable() : context.see_less_probable();
    do {  // RENORMD
      if (ct_ == 0) byte_in();
      a_ <<= 1U;
      c_ <<= 1U;
      --ct_;
    } while ((a_ & 0x8000U) == 0);
    return symbol;
  }

 private:
  std::uint8_t at(std::size_t place) const { return place < data_.size() ? data_[place] : 0xFF; }

  void byte_in() {
    ct_ = 8;
    if (at(bp_) != 0xFF) {
      c_ += std::uint32_t{at(++bp_)} << 8U;
    } else if (at(bp_ + 1) > 0x8F) {
      c_ += 0xFF00U;
    } else {
      c_ += std::uint32_t{at(++bp_)} << 9U;
      ct_ = 7;
    }
  }

  Data data_;
  std::size_t bp_ = 0;
  std::uint32_t a_ = 0x8000;
  std::uint32_t c_ = 0;
  unsigned ct_ = 0;
};

}  // namespace iip::test

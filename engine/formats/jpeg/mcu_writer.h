// JpegMcuWriter: MCUs read from anywhere in a scan, written one behind the other as the scan of a
// smaller picture.
//
// A DC coefficient is stored as its difference to the one before, and what comes before changes, so
// these are coded anew, with a table that has a code for every difference. All other bits are
// copied. For one thread at a time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "engine/base/bytes.h"

namespace iip {

class JpegMcuWriter {
 public:
  // The table that dc() writes with: 16 codes of 5 bits each, for 0 to 15 bits of difference.
  static constexpr std::array<std::uint8_t, 16> kDcCounts{0, 0, 0, 0, 16};
  static constexpr std::array<std::uint8_t, 16> kDcSymbols{0, 1, 2,  3,  4,  5,  6,  7,
                                                           8, 9, 10, 11, 12, 13, 14, 15};

  // Room for one MCU is made before it is written.
  void make_room() {
    if (out_.size() - used_ < kMostMcuBytes) out_.resize(out_.size() * 2 + kMostMcuBytes);
  }
  // False where the difference is one that no table has: damage.
  bool dc(std::size_t component, int value) {
    const int difference = value - previous_[component];
    previous_[component] = value;
    const auto size =
        static_cast<unsigned>(std::bit_width(static_cast<unsigned>(std::abs(difference))));
    if (size > 15) return false;
    const auto low = static_cast<std::uint32_t>(difference < 0 ? difference - 1 : difference);
    put(size << size | (low & ((1U << size) - 1)), 5 + size);
    return true;
  }
  // At most 32 bits.
  void put(std::uint32_t bits, unsigned count) {
    pending_ = pending_ << count | bits;
    pending_count_ += count;
    while (pending_count_ >= 32) flush_word();
  }

  // What was written since the last call; the bytes stay valid until the next MCU is written.
  ByteSpan take() {
    const ByteSpan bytes = ByteSpan(out_).first(used_);
    used_ = 0;
    return bytes;
  }
  std::size_t size() const { return used_; }
  // Fills the last byte with ones and ends the picture.
  void finish();

 private:
  // 10 blocks of 64 codes of 31 bits, each byte of it stuffed, and what finish() adds.
  static constexpr std::size_t kMostMcuBytes = 16384;

  void put_byte(std::uint8_t byte) {
    out_[used_++] = byte;
    if (byte == 0xFF) out_[used_++] = 0;
  }
  void flush_word() {
    pending_count_ -= 32;
    const auto word = static_cast<std::uint32_t>(pending_ >> pending_count_);
    put_byte(static_cast<std::uint8_t>(word >> 24U));
    put_byte(static_cast<std::uint8_t>(word >> 16U));
    put_byte(static_cast<std::uint8_t>(word >> 8U));
    put_byte(static_cast<std::uint8_t>(word));
  }

  ByteVector out_;
  std::size_t used_ = 0;
  std::uint64_t pending_ = 0;
  unsigned pending_count_ = 0;
  std::array<int, 4> previous_{};
};

}  // namespace iip

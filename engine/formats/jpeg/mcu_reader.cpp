#include "engine/formats/jpeg/mcu_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

namespace iip {

namespace {

// More than an MCU of 10 blocks takes with all its bytes stuffed, and what is read ahead of it.
constexpr std::uint64_t kReach = 6144;

struct Nothing {
  static bool dc(std::size_t, int) { return true; }
  static void put(std::uint32_t, unsigned) {}
  static void make_room() {}
};

bool has_byte_of_ones(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  return ((~word - kOnes) & word & (kOnes << 7U)) != 0;
}

}  // namespace

void JpegMcuReader::Bits::fill() {
  if (count >= 32) return;
  if (end - next >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, sizeof word);
    if (!has_byte_of_ones(word)) {
      bits |= __builtin_bswap64(word) >> count;
      const unsigned taken = (64 - count) / 8;
      next += taken;
      count += 8 * taken;
      return;
    }
  }
  for (; count <= 56; count += 8) {
    const bool is_plain = next < end && (*next != 0xFF || (end - next > 1 && next[1] == 0));
    if (!is_plain) {
      made_up += 8;
      continue;
    }
    bits |= std::uint64_t{*next} << (56 - count);
    next += *next == 0xFF ? 2 : 1;
  }
}

JpegMcuReader::JpegMcuReader(const JpegScan& scan, StoredBytes bytes, std::size_t window)
    : scan_(scan), bytes_(bytes), window_(std::max<std::size_t>(window, 2 * kReach)) {}

tl::unexpected<Error> JpegMcuReader::damaged() const {
  return iip::damaged("JPEG: cut short or damaged at MCU " + std::to_string(mcu_) + " of " +
                      std::to_string(scan_.mcu_count()) + " (byte " +
                      std::to_string(position().bit / 8) + ")");
}

Status JpegMcuReader::fill_window(std::uint64_t offset) {
  const std::uint64_t left = bytes_.size() - std::min(offset, bytes_.size());
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left, window_.size()));
  window_offset_ = offset;
  bits_ = {window_.data(), window_.data() + size};
  return bytes_.read_at(offset, std::span(window_).first(size));
}

// Reads on from a bit that is in the window, or gets a window for it.
Status JpegMcuReader::start_at(std::uint64_t bit) {
  const std::uint64_t offset = bit / 8;
  const std::uint64_t window_end =
      window_offset_ + static_cast<std::uint64_t>(bits_.end - window_.data());
  const bool is_in = bits_.end != nullptr && offset >= window_offset_ && offset <= window_end &&
                     (window_end - offset >= kReach || window_end == bytes_.size());
  if (is_in) {
    bits_ = {window_.data() + (offset - window_offset_), bits_.end};
  } else if (Status status = fill_window(offset); !status) {
    return status;
  }
  if (bit % 8 != 0) {
    bits_.fill();
    bits_.drop(static_cast<unsigned>(bit % 8));
  }
  return {};
}

Status JpegMcuReader::seek(std::int64_t mcu, const JpegPosition& position) {
  mcu_ = mcu;
  std::copy(position.dc.begin(), position.dc.end(), dc_.begin());
  return start_at(position.bit);
}

JpegPosition JpegMcuReader::position() const {
  JpegPosition position;
  const unsigned unread = bits_.count - std::min(bits_.count, bits_.made_up);
  const unsigned bytes = (unread + 7) / 8;
  const std::uint8_t* at = bits_.next;
  for (unsigned i = 0; i < bytes; ++i) {
    // A byte of zeros behind one of ones is stuffing.
    at -= at - window_.data() >= 2 && at[-1] == 0 && at[-2] == 0xFF ? 2 : 1;
  }
  const std::uint64_t offset = window_offset_ + static_cast<std::uint64_t>(at - window_.data());
  position.bit = 8 * offset + (8 * bytes - unread);
  std::transform(dc_.begin(), dc_.end(), position.dc.begin(),
                 [](int value) { return static_cast<std::int16_t>(value); });
  return position;
}

// The bits between the last MCU of an interval and the marker are padding.
Status JpegMcuReader::pass_restart() {
  const std::uint64_t offset = (position().bit + 7) / 8;
  const std::uint8_t* at = window_.data() + (offset - window_offset_);
  while (at + 1 < bits_.end && (at[0] != 0xFF || at[1] == 0 || at[1] == 0xFF)) ++at;
  const auto number = static_cast<std::uint8_t>((mcu_ / scan_.restart_interval() - 1) % 8);
  if (at + 1 >= bits_.end || at[1] != 0xD0 + number) return damaged();
  bits_ = {at + 2, bits_.end};
  dc_ = {};
  return {};
}

template <class Sink>
bool JpegMcuReader::read_block(const JpegScan::Block& block, Bits& bits, LastDc& dc,
                               Sink& sink) const {
  bits.fill();
  const JpegHuffmanTable::Code first = scan_.dc(block.dc).find(bits.peek(16));
  if (first.length == 0 || first.symbol > 15) return false;
  bits.drop(first.length);
  if (first.symbol != 0) {
    const std::uint32_t low = bits.peek(first.symbol);
    bits.drop(first.symbol);
    const bool negative = low >> (first.symbol - 1U) == 0;
    const int difference = static_cast<int>(low) - (negative ? (1 << first.symbol) - 1 : 0);
    dc[block.component] += difference;
    using Limits = std::numeric_limits<std::int16_t>;
    if (dc[block.component] < Limits::min() || dc[block.component] > Limits::max()) return false;
  }
  if (!sink.dc(block.component, dc[block.component])) return false;

  const JpegHuffmanTable& table = scan_.ac(block.ac);
  for (unsigned k = 1; k < 64;) {
    bits.fill();
    const JpegHuffmanTable::Code code = table.find(bits.peek(16));
    if (code.length == 0) return false;
    const unsigned size = code.symbol & 15U;
    const unsigned run = code.symbol >> 4U;
    const unsigned taken = code.length + size;
    sink.put(bits.peek(taken), taken);
    bits.drop(taken);
    if (size == 0) {
      if (run != 15) break;
      k += 16;
    } else {
      k += run + 1;
      if (k > 64) return false;
    }
  }
  return true;
}

template <class Sink>
Status JpegMcuReader::read(std::int64_t count, Sink& sink) {
  const std::int64_t restart = scan_.restart_interval();
  for (const std::int64_t end = mcu_ + count; mcu_ < end;) {
    const auto reach = static_cast<std::uint64_t>(bits_.end - bits_.next);
    if (reach < kReach) {
      if (Status status = start_at(position().bit); !status) return status;
    }
    sink.make_room();
    Bits bits = bits_;
    for (const JpegScan::Block& block : scan_.blocks()) {
      if (!read_block(block, bits, dc_, sink)) return damaged();
    }
    if (bits.count < bits.made_up) return damaged();
    bits_ = bits;
    ++mcu_;
    ++mcus_read_;
    if (restart != 0 && mcu_ % restart == 0 && mcu_ < scan_.mcu_count()) {
      if (Status status = pass_restart(); !status) return status;
    }
  }
  return {};
}

Status JpegMcuReader::skip(std::int64_t count) {
  Nothing nothing;
  return read(count, nothing);
}

Status JpegMcuReader::copy(std::int64_t count, JpegMcuWriter& writer) {
  return read(count, writer);
}

}  // namespace iip

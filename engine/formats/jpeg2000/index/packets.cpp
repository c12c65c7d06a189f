#include "engine/formats/jpeg2000/index/packets.h"

#include <algorithm>
#include <array>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/image/geometry.h"

namespace iip {

namespace {

// Most headers are some ten or hundred bytes long.
constexpr std::uint64_t kWindow = 2048;

constexpr int kFirstBypassSegment = 10;

tl::unexpected<Error> breaks_off() { return damaged_codestream("a packet breaks off"); }

}  // namespace

bool J2kTileBytes::has_more() {
  if (parts_.empty()) return false;
  if (!is_started_) {
    is_started_ = true;
    position_ = parts_.front().offset;
  }
  while (position_ == parts_[part_].end()) {
    if (part_ + 1 == parts_.size()) return false;
    position_ = parts_[++part_].offset;
  }
  return true;
}

Status J2kTileBytes::fill(std::uint64_t at) {
  const std::uint64_t left = parts_[part_].end() - at;
  window_.resize(static_cast<std::size_t>(std::min(left, kWindow)));
  window_at_ = at;
  Status status = file_.read_at(at, window_);
  if (!status) window_.clear();
  return status;
}

Result<std::optional<std::uint8_t>> J2kTileBytes::peek(std::uint64_t ahead) {
  const std::uint64_t at = position_ + ahead;
  if (at >= parts_[part_].end()) {
    return goes_on_ ? peek_behind(at - parts_[part_].end()) : std::nullopt;
  }
  if (at < window_at_ || at - window_at_ >= window_.size()) {
    Status status = fill(position_);
    if (!status) return pass_on(status);
  }
  return window_[static_cast<std::size_t>(at - window_at_)];
}

// The byte `ahead` bytes behind the end of this part, in those that follow.
Result<std::optional<std::uint8_t>> J2kTileBytes::peek_behind(std::uint64_t ahead) const {
  for (std::size_t part = part_ + 1; part < parts_.size(); ++part) {
    if (ahead >= parts_[part].length) {
      ahead -= parts_[part].length;
      continue;
    }
    std::array<std::uint8_t, 1> byte{};
    Status status = file_.read_at(parts_[part].offset + ahead, byte);
    if (!status) return pass_on(status);
    return byte[0];
  }
  return std::nullopt;
}

Result<std::uint8_t> J2kTileBytes::next() {
  const std::uint64_t in_window = position_ - window_at_;
  if (position_ < window_at_ || in_window >= window_.size()) {
    if (position_ >= parts_[part_].end() && !(goes_on_ && has_more())) return breaks_off();
    Status status = fill(position_);
    if (!status) return pass_on(status);
  }
  return window_[static_cast<std::size_t>(position_++ - window_at_)];
}

Status J2kTileBytes::skip(std::uint64_t count) {
  while (goes_on_ && count > left_in_part()) {
    count -= left_in_part();
    position_ = parts_[part_].end();
    if (!has_more()) return breaks_off();
  }
  if (count > left_in_part()) return breaks_off();
  position_ += count;
  return {};
}

void J2kHeaderBits::load() {
  left_ = byte_ == 0xFF ? 7 : 8;
  const Result<std::uint8_t> next = bytes_.next();
  if (!next && status_) status_ = tl::unexpected(next.error());
  byte_ = next ? *next : 0;
}

unsigned J2kHeaderBits::bit() {
  if (left_ == 0) load();
  --left_;
  return byte_ >> left_ & 1U;
}

std::uint32_t J2kHeaderBits::bits(int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 1U | bit();
  return value;
}

void J2kHeaderBits::finish() {
  if (byte_ == 0xFF) load();
  left_ = 0;
  byte_ = 0;
}

bool J2kTagTree::is_below(J2kHeaderBits& bits, std::int64_t x, std::int64_t y,
                          std::uint16_t threshold) {
  std::uint16_t low = 0;
  const Node* leaf = nullptr;
  for (std::size_t layer = nodes_.layers(); layer > 0;) {
    Node& node = nodes_.at(--layer, x, y);
    low = std::max(low, node.low);
    while (low < threshold && low < node.value) {
      if (bits.bit() != 0) {
        node.value = low;
      } else {
        ++low;
      }
    }
    node.low = low;
    leaf = &node;
  }
  return leaf != nullptr && leaf->value < threshold;
}

bool J2kSegmentRule::cuts() const {
  constexpr int kCutting = J2kComponentCoding::kTerminateAll | J2kComponentCoding::kBypass |
                           J2kComponentCoding::kHighThroughput;
  return (style_ & kCutting) != 0;
}

int J2kSegmentRule::take(int passes, int wanted) const {
  if ((style_ & J2kComponentCoding::kHighThroughput) != 0) return passes == 0 ? 1 : wanted;
  if ((style_ & J2kComponentCoding::kTerminateAll) != 0) return 1;
  int end = kPassesOfOneSegment;
  if ((style_ & J2kComponentCoding::kBypass) != 0) {
    end = kFirstBypassSegment;
    // Then two raw passes and a coded one, in turns.
    for (int length = 2; end <= passes; length = 3 - length) end += length;
  }
  return std::min(wanted, std::max(1, end - passes));
}

int read_pass_count(J2kHeaderBits& bits) {
  if (bits.bit() == 0) return 1;
  if (bits.bit() == 0) return 2;
  if (const std::uint32_t more = bits.bits(2); more != 3) return 3 + static_cast<int>(more);
  if (const std::uint32_t more = bits.bits(5); more != 31) return 6 + static_cast<int>(more);
  return 37 + static_cast<int>(bits.bits(7));
}

}  // namespace iip

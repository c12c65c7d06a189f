// Reads numbers whose most significant byte comes first, as JPEG 2000 files have them, and never
// past the end: what is missing reads as 0, and failed() tells so afterwards. For one thread at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.h"

namespace iip {

class BigEndianReader {
 public:
  explicit BigEndianReader(ByteSpan bytes) : rest_(bytes) {}

  std::size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }

  // At most 8 bytes.
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes(width)) value = value << 8U | byte;
    return value;
  }
  std::int64_t integer(std::size_t width) { return static_cast<std::int64_t>(number(width)); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }

  // Empty where fewer are left.
  ByteSpan bytes(std::size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const ByteSpan taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  ByteSpan rest() { return bytes(rest_.size()); }

 private:
  ByteSpan rest_;
  bool failed_ = false;
};

}  // namespace iip

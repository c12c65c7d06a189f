#include "engine/formats/jpeg/huffman.h"

#include <algorithm>

namespace iip {

namespace {
constexpr std::size_t kLongest = 16;
}

std::optional<JpegHuffmanTable> JpegHuffmanTable::of(ByteSpan counts, ByteSpan symbols) {
  JpegHuffmanTable table;
  if (counts.size() != kLongest || symbols.size() > table.symbols_.size()) return std::nullopt;
  std::copy(symbols.begin(), symbols.end(), table.symbols_.begin());
  std::uint32_t code = 0;
  std::size_t used = 0;
  for (std::size_t length = 1; length <= kLongest; ++length) {
    table.symbol_at_[length] = static_cast<std::int32_t>(used) - static_cast<std::int32_t>(code);
    for (std::size_t i = 0; i < counts[length - 1]; ++i, ++code, ++used) {
      // No code may be all ones.
      if (code + 1 >= std::uint32_t{1} << length || used >= symbols.size()) return std::nullopt;
      if (length > kShortBits) continue;
      const std::size_t span = std::size_t{1} << (kShortBits - length);
      std::fill_n(table.short_codes_.begin() + static_cast<std::ptrdiff_t>(code * span), span,
                  Code{static_cast<std::uint8_t>(length), symbols[used]});
    }
    table.ends_[length] = code << (kLongest - length);
    code <<= 1U;
  }
  return table;
}

JpegHuffmanTable::Code JpegHuffmanTable::find_long(std::uint32_t next) const {
  for (std::size_t length = kShortBits + 1; length <= kLongest; ++length) {
    if (next >= ends_[length]) continue;
    const auto code = static_cast<std::int32_t>(next >> (kLongest - length));
    const std::int32_t at = symbol_at_[length] + code;
    return {static_cast<std::uint8_t>(length), symbols_[static_cast<std::size_t>(at)]};
  }
  return {};
}

}  // namespace iip

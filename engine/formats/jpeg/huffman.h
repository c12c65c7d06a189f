// A Huffman table of a JPEG stream, for reading (ITU-T T.81, annex C and F.2.2.3). Never changed
// once made, so for any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"

namespace iip {

class JpegHuffmanTable {
 public:
  struct Code {
    std::uint8_t length = 0;  // in bits; 0: no code begins like this
    std::uint8_t symbol = 0;
  };

  // As DHT states it: how many codes there are of 1 to 16 bits, and their symbols. nullopt where
  // these can not be codes.
  static std::optional<JpegHuffmanTable> of(ByteSpan counts, ByteSpan symbols);

  // `next` holds the next 16 bits of the stream.
  Code find(std::uint32_t next) const {
    const Code code = short_codes_[next >> (16 - kShortBits)];
    return code.length != 0 ? code : find_long(next);
  }

 private:
  static constexpr unsigned kShortBits = 9;

  Code find_long(std::uint32_t next) const;

  std::array<Code, std::size_t{1} << kShortBits> short_codes_{};
  // The codes of n bits are those below ends_[n], left-aligned in 16 bits; symbol_at_[n] is where
  // in symbols_ the symbol of code 0 of n bits would be.
  std::array<std::uint32_t, 17> ends_{};
  std::array<std::int32_t, 17> symbol_at_{};
  std::array<std::uint8_t, 256> symbols_{};
};

}  // namespace iip

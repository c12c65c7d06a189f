#include "engine/formats/tiff/lzma_stream.h"

#include <algorithm>
#include <array>
#include <optional>

namespace iip {

namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::array<std::uint8_t, 6> kMagic{0xFD, '7', 'z', 'X', 'Z', 0};
constexpr std::uint64_t kLzma2 = 0x21;

tl::unexpected<Error> no_stream() { return damaged("TIFF: a block that is no stream of LZMA"); }

// Bytes that are taken off the front of a stream; fewer than asked for where it ends.
class Rest {
 public:
  explicit Rest(ByteSpan bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  ByteSpan take(std::size_t count) {
    const ByteSpan taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  // A big-endian number of two bytes.
  std::size_t pair() {
    const std::size_t high = byte();
    return high << 8U | byte();
  }
  // Seven bits a byte, the lowest first.
  std::uint64_t number() {
    constexpr int kMostBytes = 9;
    std::uint64_t value = 0;
    for (int i = 0; i < kMostBytes; ++i) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 0x7FU} << (7 * i);
      if ((next & 0x80U) == 0) break;
    }
    return value;
  }

 private:
  ByteSpan bytes_;
};

// The dictionary that the property byte of LZMA2 states.
std::uint64_t dictionary_of(std::uint8_t property) {
  constexpr std::uint8_t kLargest = 40;
  if (property >= kLargest) return (std::uint64_t{1} << 32U) - 1;
  return (2 | (property & std::uint64_t{1})) << (property / 2 + 11U);
}

// nullopt where there is no LZMA2, without which a chain of filters is of no use.
std::optional<std::uint64_t> dictionary_in(Rest header) {
  const std::uint8_t flags = header.byte();
  if ((flags & 0x40U) != 0) header.number();  // the compressed size
  if ((flags & 0x80U) != 0) header.number();  // the uncompressed size
  for (int filters = (flags & 3) + 1; filters > 0; --filters) {
    const std::uint64_t name = header.number();
    const ByteSpan properties = header.take(
        static_cast<std::size_t>(std::min<std::uint64_t>(header.number(), header.left())));
    if (name != kLzma2) continue;
    if (properties.size() != 1) return std::nullopt;
    return dictionary_of(properties.front());
  }
  return std::nullopt;
}

// Returns how many bytes of `stream` the chunks take.
std::size_t skip_chunks(Rest stream) {
  constexpr std::uint8_t kFirstLzma = 0x80;
  constexpr std::uint8_t kFirstWithProperties = 0xC0;
  const std::size_t before = stream.left();
  while (!stream.empty()) {
    const std::uint8_t control = stream.byte();
    if (control == 0) break;
    const std::size_t length = stream.pair() + 1;  // of an LZMA chunk, once decoded
    if (control < kFirstLzma) {
      stream.take(length);
      continue;
    }
    const std::size_t packed = stream.pair() + 1;
    stream.take(packed + (control >= kFirstWithProperties ? 1 : 0));
  }
  return before - stream.left();
}

// The length of a block's check, by the kind that the stream's header states.
std::size_t check_bytes(std::uint8_t kind) {
  constexpr std::array<std::uint8_t, 6> kBytes{0, 4, 8, 16, 32, 64};
  return kBytes[(kind + 2U) / 3U];
}

}  // namespace

Result<std::uint64_t> largest_lzma_dictionary(ByteSpan stream) {
  if (stream.size() < kHeaderBytes || !std::equal(kMagic.begin(), kMagic.end(), stream.begin())) {
    return no_stream();
  }
  const std::size_t check = check_bytes(stream[kMagic.size() + 1] & 15U);
  Rest rest(stream.subspan(kHeaderBytes));
  std::uint64_t largest = 0;
  while (!rest.empty()) {
    const std::size_t size = rest.byte();
    if (size == 0) break;  // the index, behind all blocks
    const auto dictionary = dictionary_in(Rest(rest.take((size + 1) * 4 - 1)));
    if (!dictionary) return no_stream();
    largest = std::max(largest, *dictionary);
    const std::size_t chunks = skip_chunks(rest);
    rest.take((chunks + 3) / 4 * 4 + check);
  }
  return largest;
}

}  // namespace iip

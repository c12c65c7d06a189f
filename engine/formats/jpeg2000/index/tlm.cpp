#include "engine/formats/jpeg2000/index/tlm.h"

#include <string>

#include "engine/base/big_endian.h"
#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

tl::unexpected<Error> does_not_fit(std::string detail) {
  return damaged_codestream("TLM that " + std::move(detail));
}

// Reads one segment: tiles in none, one or two bytes, and lengths in two or four. Where no tile is
// named, each has one tile-part, and these come in the order of the tiles.
Status read_segment(ByteSpan content, std::size_t number, std::vector<TlmTilePart>& parts) {
  BigEndianReader reader(content);
  const std::uint8_t index = reader.byte();
  const std::uint8_t sizes = reader.byte();
  const std::size_t tile_bytes = sizes >> 4U & 3U;
  const std::size_t length_bytes = (sizes & 0x40U) != 0 ? 4 : 2;
  if (reader.failed() || tile_bytes == 3) return does_not_fit("can not be read");
  if (index != number) return does_not_fit("is out of order");
  while (reader.left() > 0) {
    TlmTilePart part;
    part.tile =
        static_cast<std::uint32_t>(tile_bytes == 0 ? parts.size() : reader.number(tile_bytes));
    part.length = reader.number(length_bytes);
    if (reader.failed()) return does_not_fit("breaks off");
    parts.push_back(part);
  }
  return {};
}

}  // namespace

Result<TlmTileParts> read_tlm(const File& file, const J2kCodestream& codestream,
                              const J2kHeader& header, MemoryBudget& budget) {
  constexpr std::uint64_t kLeastBytes = 2;  // that an entry takes
  std::uint64_t stored = 0;
  for (const J2kSpan& segment : header.tlm) stored += segment.length;
  Result<Reservation> memory = budget.reserve(stored / kLeastBytes * sizeof(TlmTilePart));
  if (!memory) return pass_on(memory);
  TlmTileParts lengths;
  lengths.memory = std::move(*memory);
  lengths.parts.reserve(static_cast<std::size_t>(stored / kLeastBytes));
  ByteVector content;
  for (std::size_t i = 0; i < header.tlm.size(); ++i) {
    const J2kSpan& segment = header.tlm[i];
    content.resize(static_cast<std::size_t>(segment.length));
    Status status = file.read_at(codestream.offset + segment.offset, content);
    if (status) status = read_segment(content, i, lengths.parts);
    if (!status) return pass_on(status);
  }
  return lengths;
}

}  // namespace iip

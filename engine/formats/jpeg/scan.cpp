#include "engine/formats/jpeg/scan.h"

#include <algorithm>

namespace iip {

namespace {

constexpr std::size_t kMostBlocks = 10;  // in an MCU: B.2.3
constexpr std::size_t kLengths = 16;

bool is_sequential(const JpegHeader& header) {
  const bool huffman = header.frame_marker == 0xC0 || header.frame_marker == 0xC1;
  return header.state == JpegHeader::State::complete && huffman && header.bits == 8 &&
         header.scan_has_all_components && !header.size.empty();
}

}  // namespace

std::optional<JpegScan> JpegScan::of(const JpegHeader& header, ByteSpan head,
                                     std::uint64_t scan_offset) {
  if (!is_sequential(header)) return std::nullopt;
  JpegScan scan;
  scan.offset_ = scan_offset;
  scan.restart_interval_ = header.restart_interval;
  const auto count = static_cast<std::size_t>(header.component_count);
  std::int64_t across = 1;
  std::int64_t down = 1;
  for (std::size_t i = 0; i < count; ++i) {
    JpegComponent part = header.components[i];
    // A scan of one component has MCUs of one block, whatever its factors (A.2.2).
    if (count == 1) part.horizontal = part.vertical = 1;
    const JpegScanTables& tables = header.scan_tables[i];
    const Block block{static_cast<std::uint8_t>(i), tables.dc, tables.ac};
    scan.blocks_.insert(scan.blocks_.end(), std::size_t{part.horizontal} * part.vertical, block);
    scan.is_subsampled_ =
        scan.is_subsampled_ || (i > 0 && (part.horizontal != across || part.vertical != down));
    across = std::max<std::int64_t>(across, part.horizontal);
    down = std::max<std::int64_t>(down, part.vertical);
  }
  if (scan.blocks_.size() > kMostBlocks) return std::nullopt;
  scan.mcu_ = {8 * across, 8 * down};
  scan.mcus_across_ = ceil_div(header.size.width, scan.mcu_.width);
  scan.mcus_down_ = ceil_div(header.size.height, scan.mcu_.height);
  if (!scan.read_tables(head)) return std::nullopt;
  for (const Block& block : scan.blocks_) {
    if (!scan.dc_[block.dc] || !scan.ac_[block.ac]) return std::nullopt;
  }
  return scan;
}

// The segments of `head` were checked when the header was read from it.
bool JpegScan::read_tables(ByteSpan head) {
  for (std::size_t at = 2; at + 4 <= head.size();) {
    const std::size_t length = std::size_t{head[at + 2]} << 8U | head[at + 3];
    if (head[at + 1] == 0xC4) {
      ByteSpan content = head.subspan(at + 4, length - 2);
      while (!content.empty()) {
        const ByteSpan counts = content.subspan(1, kLengths);
        std::size_t codes = 0;
        for (const std::uint8_t n : counts) codes += n;
        auto& slots = content[0] >> 4U == 0 ? dc_ : ac_;
        auto& slot = slots[content[0] & 15U];
        slot = JpegHuffmanTable::of(counts, content.subspan(1 + kLengths, codes));
        if (!slot) return false;
        content = content.subspan(1 + kLengths + codes);
      }
    }
    at += 2 + length;
  }
  return true;
}

}  // namespace iip

#include "engine/formats/jpeg2000/index/packet_parser.h"

#include <bit>
#include <string>

#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

constexpr int kMostZeroPlanes = 74;
constexpr int kMostPasses = 164;
constexpr int kMostLengthBits = 32;

}  // namespace

// A vector that grows is there twice for a while.
Status J2kSegmentRoom::take() {
  if (left_ == 0) {
    const std::uint64_t bytes = 2 * at_once_ * sizeof(std::uint32_t);
    if (memory_.bytes() + bytes > most_bytes_) {
      return unsupported_codestream("an index of its packets takes more than " +
                                    std::to_string(most_bytes_) + " bytes");
    }
    if (Status status = budget_.grow(memory_, bytes); !status) return status;
    left_ = at_once_;
  }
  --left_;
  return {};
}

J2kPacketParser::J2kPacketParser(const J2kCoding& coding, const J2kComponentCoding& component,
                                 J2kSegmentRoom& room, J2kPacketTable& table)
    : coding_(coding),
      style_(component.block_style),
      rule_(component.block_style),
      room_(room),
      table_(table),
      parts_(table.parts_.size()),
      blocks_(table.block_count_) {
  static_assert(sizeof(PartState) <= kBytesOfPart);
}

void J2kPacketParser::finish() { table_.segment_lengths_.shrink_to_fit(); }

Result<bool> J2kPacketParser::has_marker_ahead(J2kTileBytes& bytes, std::uint8_t marker) {
  const auto first = bytes.peek(0);
  const auto second = bytes.peek(1);
  if (!first) return tl::unexpected(first.error());
  if (!second) return tl::unexpected(second.error());
  return *first == 0xFF && *second == marker;
}

// Passes over SOP: its length 4, and a number that is of no use here.
Status J2kPacketParser::skip_start(J2kTileBytes& bytes) const {
  if (!coding_.may_have_packet_starts) return {};
  const Result<bool> is_there = has_marker_ahead(bytes, 0x91);
  if (!is_there) return tl::unexpected(is_there.error());
  return *is_there ? bytes.skip(6) : Status{};
}

// Passes over EPH, the marker behind a packet header.
Status J2kPacketParser::skip_header_end(J2kTileBytes& bytes) const {
  if (!coding_.has_packet_header_ends) return {};
  const Result<bool> is_there = has_marker_ahead(bytes, 0x92);
  if (!is_there) return tl::unexpected(is_there.error());
  if (!*is_there)
    return unsupported_codestream("a packet header without the end that is announced");
  return bytes.skip(2);
}

Status J2kPacketParser::read(J2kTileBytes& headers, J2kTileBytes& bodies, std::int64_t precinct,
                             int layer) {
  // OpenJPEG may make something of it.
  if (!headers.has_more()) return unsupported_codestream("packets are missing");
  Status status = bodies.has_more() ? skip_start(bodies) : Status{};
  if (!status) return status;
  if (!headers.has_more()) return damaged_codestream("a packet without header");
  const auto number = static_cast<std::size_t>(precinct - table_.first_precinct_);
  J2kHeaderBits bits(headers);
  const bool has_content = bits.bit() != 0;
  if (has_content) {
    for (std::size_t band = 0; band < table_.bands_; ++band) {
      status = read_part(bits, number * table_.bands_ + band, layer);
      if (!status) return status;
    }
  }
  bits.finish();
  if (!bits.status()) return bits.status();
  status = skip_header_end(headers);
  if (!status) return status;
  if (!has_content) return {};
  // Bodies of which the headers are elsewhere may begin with the next tile-part.
  if (&headers != &bodies) bodies.has_more();
  return pass_bodies(bodies, number, layer);
}

Status J2kPacketParser::read_part(J2kHeaderBits& bits, std::size_t part, int layer) {
  const J2kGrid& grid = table_.parts_[part].blocks;
  PartState& trees = parts_[part];
  if (!trees.is_made) {
    trees = {J2kTagTree(grid.across, grid.down), J2kTagTree(grid.across, grid.down), true};
  }
  std::uint32_t block = table_.parts_[part].first_block;
  for (std::int64_t row = 0; row < grid.down; ++row) {
    for (std::int64_t column = 0; column < grid.across; ++column, ++block) {
      const bool is_new = blocks_[block].length_bits == 0;
      const bool is_included =
          is_new
              ? trees.inclusion.is_below(bits, column, row, static_cast<std::uint16_t>(layer + 1))
              : bits.bit() != 0;
      if (!is_included) continue;
      if (is_new) {
        std::uint16_t planes = 0;
        while (!trees.zero_planes.is_below(bits, column, row,
                                           static_cast<std::uint16_t>(planes + 1))) {
          if (++planes > kMostZeroPlanes)
            return damaged_codestream("a code-block of too few bit planes");
        }
        table_.zero_planes_[block] = static_cast<std::uint8_t>(planes);
        blocks_[block].length_bits = 3;
      }
      Status status = read_block(bits, block, layer);
      if (!status) return status;
    }
    // After the end of the data all bits read as 0, with which the rest of the blocks would be gone
    // through for nothing.
    if (!bits.status()) return bits.status();
  }
  return {};
}

Status J2kPacketParser::read_block(J2kHeaderBits& bits, std::uint32_t block, int layer) {
  BlockState& state = blocks_[block];
  const int new_passes = read_pass_count(bits);
  int length_bits = state.length_bits;
  while (bits.bit() != 0) {
    if (++length_bits > kMostLengthBits)
      return damaged_codestream("a code-block of too many bytes");
  }
  if (state.passes + new_passes > kMostPasses)
    return damaged_codestream("a code-block of too many passes");
  if (!rule_.cuts() && state.passes + new_passes > J2kSegmentRule::kPassesOfOneSegment) {
    return unsupported_codestream("a code-block of more passes than one segment has");
  }
  if (state.passes != 0 && (style_ & J2kComponentCoding::kHighThroughput) != 0) {
    return unsupported_codestream("HTJ2K code-blocks in several layers");
  }
  const std::size_t at = static_cast<std::size_t>(layer) * table_.block_count_ + block;
  if (rule_.cuts()) {
    table_.first_segments_[at] = static_cast<std::uint32_t>(table_.segment_lengths_.size());
  }
  std::uint64_t length = 0;
  int passes = state.passes;
  for (int left = new_passes; left > 0;) {
    const int taken = rule_.take(passes, left);
    const int width =
        length_bits + static_cast<int>(std::bit_width(static_cast<unsigned>(taken))) - 1;
    if (width > kMostLengthBits) return damaged_codestream("a code-block of too many bytes");
    const std::uint32_t segment = bits.bits(width);
    if (rule_.cuts()) {
      if (Status status = room_.take(); !status) return status;
      table_.segment_lengths_.push_back(segment);
    }
    length += segment;
    passes += taken;
    left -= taken;
  }
  if (length > J2kPacketTable::kMostLength)
    return unsupported_codestream("a code-block of more than 16 MB");
  table_.passes_[at] =
      static_cast<std::uint32_t>(new_passes) << 24U | static_cast<std::uint32_t>(length);
  state.length_bits = static_cast<std::uint8_t>(length_bits);
  state.passes = static_cast<std::uint8_t>(passes);
  return {};
}

// Notes where the body lies, and goes behind it.
Status J2kPacketParser::pass_bodies(J2kTileBytes& bytes, std::size_t precinct, int layer_number) {
  const auto layer = static_cast<std::size_t>(layer_number);
  table_.bodies_[layer * table_.precincts_ + precinct] = bytes.position();
  const std::uint32_t first = table_.parts_[precinct * table_.bands_].first_block;
  const std::uint32_t end = precinct + 1 < table_.precincts_
                                ? table_.parts_[(precinct + 1) * table_.bands_].first_block
                                : table_.block_count_;
  const std::size_t groups = J2kPacketTable::mark_groups(table_.block_count_);
  std::uint64_t length = 0;
  for (std::uint32_t block = first; block < end; ++block) {
    if (block % J2kPacketTable::kBlocksPerMark == 0) {
      table_.marks_[layer * groups + block / J2kPacketTable::kBlocksPerMark] =
          bytes.position() + length;
    }
    length += table_.passes_[layer * table_.block_count_ + block] & J2kPacketTable::kMostLength;
  }
  return bytes.skip(length);
}

}  // namespace iip

// What the packets of some precincts of one resolution bring of their code-blocks: in each layer
// how many passes, and which bytes of the file.
//
// Kept in flat arrays: five to nine bytes for a code-block and layer. J2kPacketParser fills them;
// then they are never changed, and thread-safe. Their memory is counted by who has the table.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/index/packets.h"

namespace iip {

// What the packets of one tile bring of one code-block: passes in segments, each a run of bytes of
// the file, or several where layers have cut it.
struct J2kBlockData {
  struct Segment {
    int passes = 0;
    std::uint64_t length = 0;
  };
  int zero_planes = 0;
  int passes = 0;
  std::vector<Segment> segments;
  std::vector<J2kSpan> pieces;  // in order; their lengths are those of the segments together
};

// A resolution of one component of a tile, and how its code-blocks are laid out.
struct J2kBlockLayout {
  J2kResolution place;
  J2kBlockSize block;
  J2kGrid blocks;           // covers those of all bands
  std::vector<Rect> bands;  // one, or three
  int index = 0;            // of the resolution: 0 is the smallest
  int layers = 1;
  J2kSegmentRule rule{0};

  static J2kBlockLayout of(const Rect& tile_component, const J2kComponentCoding& coding, int layers,
                           const J2kResolution& place, int resolution);

  // The grid of the code-blocks that a band has in a precinct; `band` counted from the first.
  J2kGrid blocks_of(std::int64_t precinct, std::size_t band) const;
  // The number of the precinct that has the code-block in this column and row of its band's grid;
  // -1: none.
  std::int64_t precinct_of(std::int64_t column, std::int64_t row) const;
  // The memory of a table for so many precincts, with so many code-blocks in their bands, and of
  // what filling it takes. A file may claim any number of them.
  double table_bytes(double precinct_count, double block_count) const;
  double table_bytes_of_all() const;
  double table_bytes_of(std::int64_t precinct) const;
};

class J2kPacketTable {
 public:
  J2kPacketTable(const J2kBlockLayout& layout, std::int64_t first_precinct, std::int64_t count);

  // The code-block in column and row of its band's grid, counted from 0,0 of the band's
  // coordinates, in the first `layers` layers; it belongs to `precinct`, and that to the table.
  // false where it has no passes.
  bool find(const J2kBlockLayout& layout, std::int64_t precinct, std::size_t band,
            std::int64_t column, std::int64_t row, int layers, J2kBlockData& data) const;

 private:
  friend class J2kPacketParser;

  // Where the bytes of a packet's blocks begin is noted for one in this many.
  static constexpr std::uint32_t kBlocksPerMark = 128;
  static constexpr std::uint32_t kMostLength = (1U << 24) - 1;
  static std::size_t mark_groups(std::uint32_t blocks) {
    return (blocks + kBlocksPerMark - 1) / kBlocksPerMark;
  }

  // The part of a band in one precinct: its blocks are numbered from first_block, row by row.
  struct Part {
    J2kGrid blocks;
    std::uint32_t first_block = 0;
  };
  std::uint64_t offset_of(std::size_t precinct, std::uint32_t block, std::size_t layer) const;

  std::int64_t first_precinct_ = 0;
  std::size_t precincts_ = 0;
  std::size_t bands_ = 0;
  std::uint32_t block_count_ = 0;
  std::vector<Part> parts_;                // [precinct * bands + band]
  std::vector<std::uint8_t> zero_planes_;  // [block]
  std::vector<std::uint32_t> passes_;      // [layer * blocks + block]: passes << 24 | bytes
  std::vector<std::uint64_t> bodies_;      // [layer * precincts + precinct]
  std::vector<std::uint64_t> marks_;       // [layer * groups + group of blocks]
  // Where segments are cut: [layer * blocks + block], the first of its segments' lengths.
  std::vector<std::uint32_t> first_segments_;
  std::vector<std::uint32_t> segment_lengths_;
};

}  // namespace iip

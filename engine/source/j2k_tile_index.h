// Where every code-block of one tile of a JPEG 2000 file has its bytes.
//
// Made by reading all packet headers of the tile once. Kept in flat arrays: five to nine bytes for
// a code-block and layer. What it takes is counted in a budget, and outlives it. Never changed
// after it was made; thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/base/file.h"
#include "engine/base/kept_store.h"
#include "engine/base/result.h"
#include "engine/source/j2k_geometry.h"
#include "engine/source/j2k_packets.h"
#include "engine/source/j2k_progression.h"
#include "engine/source/j2k_tile_parts.h"

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

class J2kTileIndex : public Kept {
 public:
  // Errors: corrupt, where the packets break off or do not fit; unsupported, where some are
  // missing, can not be described here or would take more than `most_bytes`; those of the file, the
  // budget and the deadline.
  static Result<std::shared_ptr<const J2kTileIndex>> make(const File& file, const J2kHeader& header,
                                                          const J2kTile& tile, const Rect& rect,
                                                          std::uint64_t most_bytes,
                                                          MemoryBudget& budget,
                                                          const Deadline& deadline);

  const Rect& rect() const { return rect_; }
  const J2kCoding& coding() const { return coding_; }
  std::uint64_t bytes() const override { return memory_.bytes(); }
  // Whose the decoded code-blocks of this tile are.
  const KeptOwner& blocks() const { return blocks_; }

  // The grid of code-blocks that covers all bands of a resolution.
  J2kGrid block_grid(int component, int resolution) const {
    return this->resolution(component, resolution).blocks;
  }
  // How many layers `asked` comes to; 0 asks for all.
  int layers_of(int asked) const {
    return asked == 0 ? coding_.layers : std::min(asked, coding_.layers);
  }

  // The code-block in column and row of the band's grid of blocks (both counted from 0,0 of the
  // band's coordinates), in the first `layers` layers. false where it has no passes.
  bool find(int component, int resolution, int band, std::int64_t column, std::int64_t row,
            int layers, J2kBlockData& data) const;

 private:
  friend class J2kTileIndexer;

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
  struct Resolution {
    J2kResolution place;
    J2kBlockSize block;
    J2kGrid blocks;
    int bands = 1;
    std::uint32_t block_count = 0;
    std::vector<Part> parts;                // [precinct * bands + band]
    std::vector<std::uint8_t> zero_planes;  // [block]
    std::vector<std::uint32_t> passes;      // [layer * blocks + block]: passes << 24 | bytes
    std::vector<std::uint64_t> bodies;      // [layer * precincts + precinct]
    std::vector<std::uint64_t> marks;       // [layer * groups + group of blocks]
    // Where segments are cut: [layer * blocks + block], the first of its segments' lengths.
    std::vector<std::uint32_t> first_segments;
    std::vector<std::uint32_t> segment_lengths;
  };

  const Resolution& resolution(int component, int index) const {
    return components_[static_cast<std::size_t>(component)][static_cast<std::size_t>(index)];
  }
  std::uint64_t offset_of(const Resolution& resolution, std::size_t precinct, std::uint32_t block,
                          std::size_t layer) const;

  Rect rect_;
  J2kCoding coding_;
  std::vector<std::vector<Resolution>> components_;
  Reservation memory_;
  KeptOwner blocks_ = std::make_shared<const KeptTag>();
};

}  // namespace iip

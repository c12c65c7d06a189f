// Where the packets of one tile of a JPEG 2000 file lie, and so every code-block's bytes.
//
// Made in one of two ways. By lengths: where the tile's headers state those of all its packets
// (PLT), only these are read, and of the packets themselves the headers of those precincts that are
// asked for (J2kBlockFinder). By reading: the headers of all packets are read, one behind the
// other, once. What an index takes is counted in a budget, and outlives it. Never changed after it
// was made; thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/base/derived_data_cache.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/index/packet_table.h"
#include "engine/formats/jpeg2000/index/progression.h"
#include "engine/formats/jpeg2000/index/tile_headers.h"

namespace iip {

class J2kTileIndex : public Kept {
 public:
  // Makes an index by reading the packets' headers. Errors: corrupt, where the packets break off or
  // do not fit; unsupported, where some are missing, can not be described here or would take more
  // than `most_bytes`; those of the file, the budget and the deadline.
  static Result<std::shared_ptr<const J2kTileIndex>> make(const File& file, const J2kHeader& header,
                                                          const J2kTile& tile, const Rect& rect,
                                                          std::uint64_t most_bytes,
                                                          MemoryBudget& budget,
                                                          const Deadline& deadline);

  // Makes an index by the lengths that `tile` states. Errors: unsupported, where they are not those
  // of the packets that the tile must have, or the index would take more than `most_bytes`; the
  // others of make().
  static Result<std::shared_ptr<const J2kTileIndex>> make_by_lengths(
      const File& file, const J2kHeader& header, const J2kTile& tile, const Rect& rect,
      std::uint64_t most_bytes, MemoryBudget& budget, const Deadline& deadline);

  const Rect& rect() const { return rect_; }
  const J2kCoding& coding() const { return *coding_; }
  std::uint64_t bytes() const override { return memory_.bytes(); }
  // Whose the decoded code-blocks of this tile are, and the tables of its precincts.
  const KeptOwner& blocks() const { return blocks_; }
  const KeptOwner& precincts() const { return precincts_; }

  const J2kBlockLayout& layout(int component, int resolution) const {
    return this->resolution(component, resolution).layout;
  }
  // The grid of code-blocks that covers all bands of a resolution.
  const J2kGrid& block_grid(int component, int resolution) const {
    return layout(component, resolution).blocks;
  }
  // How many layers `asked` comes to; 0 asks for all.
  int layers_of(int asked) const {
    return asked == 0 ? coding_->layers : std::min(asked, coding_->layers);
  }

  bool is_by_lengths() const { return is_by_lengths_; }
  // The table of all precincts of a resolution; only an index that was made by reading has it.
  const J2kPacketTable& table(int component, int resolution) const {
    return this->resolution(component, resolution).tables.front();
  }
  // Where a packet lies; only an index that was made by lengths knows.
  J2kSpan packet(int component, int resolution, std::int64_t precinct, int layer) const;

 private:
  friend class J2kTileIndexer;

  struct Resolution {
    J2kBlockLayout layout;
    std::vector<J2kPacketTable> tables;  // one, if the index was made by reading
    // [layer * precincts + precinct], by lengths.
    std::vector<std::uint64_t> packet_starts;
    std::vector<std::uint32_t> packet_lengths;
  };
  const Resolution& resolution(int component, int index) const {
    const auto& of = components_[static_cast<std::size_t>(component)];
    const auto at = static_cast<std::size_t>(index);
    return at < of.size() && of[at] ? *of[at] : nothing_;
  }

  Rect rect_;
  std::shared_ptr<const J2kCoding> coding_;
  bool is_by_lengths_ = false;
  // None of a component, and null for a resolution, that the tile has no samples of.
  std::vector<std::vector<std::unique_ptr<Resolution>>> components_;
  Resolution nothing_;
  Reservation memory_;
  KeptOwner blocks_ = std::make_shared<const KeptTag>();
  KeptOwner precincts_ = std::make_shared<const KeptTag>();
};

}  // namespace iip

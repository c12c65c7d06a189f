// Makes the index of a tile. For one thread; what it makes is for any.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/formats/jpeg2000/index/packet_parser.h"
#include "engine/formats/jpeg2000/index/progression.h"
#include "engine/formats/jpeg2000/index/tile_index.h"

namespace iip {

class J2kTileIndexer {
 public:
  // All that is passed by reference must outlive the indexer.
  J2kTileIndexer(const File& file, const J2kHeader& header, const J2kTile& tile, const Rect& rect,
                 std::uint64_t most_bytes, MemoryBudget& budget, const Deadline& deadline)
      : file_(file),
        header_(header),
        tile_(tile),
        most_bytes_(most_bytes),
        budget_(budget),
        deadline_(deadline),
        geometry_(j2k_tile_geometry(header, *tile.coding, rect)) {
    index_.rect_ = rect;
    index_.coding_ = tile.coding;
  }

  // Call one of the two, once. Errors: as J2kTileIndex::make() and make_by_lengths().
  Result<J2kTileIndex> read_all();
  Result<J2kTileIndex> add_lengths();

 private:
  using Resolution = J2kTileIndex::Resolution;
  // The parsers of the resolutions of each component; null where a resolution is empty.
  using Parsers = std::vector<std::vector<std::unique_ptr<J2kPacketParser>>>;

  double packets() const;
  Status check_packets() const;
  Status reserve(double bytes);
  std::uint64_t layout_bytes() const;
  void lay_out();
  double table_bytes() const;
  Parsers make_tables(J2kSegmentRoom& room);
  Resolution& resolution_of(const J2kPacketPlace& place);
  // Calls `work`, which returns a Status, with each packet's place in their order. Errors: its own;
  // those of J2kProgressionWalk and of the budget.
  template <class Work>
  Status for_each_packet(const Work& work);

  const File& file_;
  const J2kHeader& header_;
  const J2kTile& tile_;
  const std::uint64_t most_bytes_;
  MemoryBudget& budget_;
  const Deadline& deadline_;
  const J2kTileGeometry geometry_;
  J2kTileIndex index_;
};

}  // namespace iip

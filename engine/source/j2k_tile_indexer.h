// Makes the index of a tile: reads the headers of its packets and leaves out their bodies.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/source/j2k_packets.h"
#include "engine/source/j2k_progression.h"
#include "engine/source/j2k_tile_index.h"

namespace iip {

class J2kTileIndexer {
 public:
  // All that is passed by reference must outlive the indexer.
  J2kTileIndexer(const File& file, const J2kHeader& header, const J2kTile& tile, const Rect& rect,
                 std::uint64_t most_bytes, MemoryBudget& budget, const Deadline& deadline)
      : header_(header),
        tile_(tile),
        most_bytes_(most_bytes),
        budget_(budget),
        deadline_(deadline),
        geometry_(j2k_tile_geometry(header, tile.coding, rect)),
        bytes_(file, tile.data) {
    index_.rect_ = rect;
    index_.coding_ = tile.coding;
  }

  // Errors: as J2kTileIndex::make().
  Result<J2kTileIndex> make();

 private:
  using Resolution = J2kTileIndex::Resolution;
  using Part = J2kTileIndex::Part;

  // What is known of the blocks of a precinct's part of a band between one packet and the next.
  struct PartState {
    J2kTagTree inclusion;
    J2kTagTree zero_planes;
    bool is_made = false;
  };
  struct BlockState {
    std::uint8_t length_bits = 0;  // 0: no packet has brought anything yet
    std::uint8_t passes = 0;
  };
  struct ResolutionState {
    std::vector<PartState> parts;    // as Resolution::parts
    std::vector<BlockState> blocks;  // as Resolution::zero_planes
  };

  double expected_bytes() const;
  Status reserve();
  Status reserve_segments();
  void lay_out();
  Resolution lay_out(std::size_t component, int index) const;
  Status read_packet(const J2kPacketPlace& place);
  // Does 0xFF follow, and then `marker`?
  Result<bool> has_marker_ahead(std::uint8_t marker);
  Status skip_packet_start();
  Status skip_packet_header_end();
  Status read_part(J2kHeaderBits& bits, const J2kPacketPlace& place, std::size_t part);
  Status read_block(J2kHeaderBits& bits, const J2kPacketPlace& place, std::uint32_t block);
  Status pass_bodies(const J2kPacketPlace& place);

  const J2kHeader& header_;
  const J2kTile& tile_;
  const std::uint64_t most_bytes_;
  MemoryBudget& budget_;
  const Deadline& deadline_;
  const J2kTileGeometry geometry_;
  J2kTileBytes bytes_;
  J2kTileIndex index_;
  std::vector<std::vector<ResolutionState>> state_;
  std::uint64_t segments_left_ = 0;  // whose lengths there is room for
};

}  // namespace iip

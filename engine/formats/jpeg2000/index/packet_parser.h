// Fills a J2kPacketTable: reads the headers of packets and leaves out their bodies.
//
// One parser for a table, whose precincts' packets come layer by layer, as what is known of a
// code-block from one packet is needed to read the next. Belongs to one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/budget.h"
#include "engine/formats/jpeg2000/index/packet_table.h"
#include "engine/formats/jpeg2000/index/packets.h"

namespace iip {

// The memory that tables of one reservation take beyond what was foreseen: segments are as many as
// the file says.
class J2kSegmentRoom {
 public:
  // All must outlive it. `at_once`: segments that room is made for at a time.
  J2kSegmentRoom(MemoryBudget& budget, Reservation& memory, std::uint64_t most_bytes,
                 std::uint64_t at_once)
      : budget_(budget), memory_(memory), most_bytes_(most_bytes), at_once_(at_once) {}

  // Counts one more segment. Errors: unsupported beyond most_bytes; those of the budget.
  Status take();

 private:
  MemoryBudget& budget_;
  Reservation& memory_;
  const std::uint64_t most_bytes_;
  const std::uint64_t at_once_;
  std::uint64_t left_ = 0;
};

class J2kPacketParser {
 public:
  // All must outlive the parser. `coding` is that of the tile, `component` that of the table's.
  J2kPacketParser(const J2kCoding& coding, const J2kComponentCoding& component,
                  J2kSegmentRoom& room, J2kPacketTable& table);

  // `headers` and `bodies`, which are the same unless headers are packed, stand at the packet of a
  // precinct and layer, and go behind it. Errors: corrupt, where it breaks off or does not fit;
  // unsupported, where it is missing or can not be described here; those of the file and of the
  // room.
  Status read(J2kTileBytes& headers, J2kTileBytes& bodies, std::int64_t precinct, int layer);
  // To be called behind the last packet.
  void finish();

  // While the table is filled, for each part of a band in a precinct and for each code-block.
  static constexpr std::uint64_t kBytesOfPart = 120;
  static constexpr std::uint64_t kBytesOfBlock = 18;  // and the tag trees' nodes

 private:
  using Part = J2kPacketTable::Part;

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

  // Does 0xFF follow, and then `marker`?
  static Result<bool> has_marker_ahead(J2kTileBytes& bytes, std::uint8_t marker);
  Status skip_start(J2kTileBytes& bytes) const;
  Status skip_header_end(J2kTileBytes& bytes) const;
  Status read_part(J2kHeaderBits& bits, std::size_t part, int layer);
  Status read_block(J2kHeaderBits& bits, std::uint32_t block, int layer);
  Status pass_bodies(J2kTileBytes& bytes, std::size_t precinct, int layer);

  const J2kCoding& coding_;
  const std::uint8_t style_;
  const J2kSegmentRule rule_;
  J2kSegmentRoom& room_;
  J2kPacketTable& table_;
  std::vector<PartState> parts_;    // as the table's
  std::vector<BlockState> blocks_;  // as its zero_planes_
};

}  // namespace iip

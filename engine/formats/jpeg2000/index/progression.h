// The order of the packets in a tile (ISO/IEC 15444-1 B.12). A walk is for one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

// One packet: a layer of a precinct of a resolution of a component.
struct J2kPacketPlace {
  int component = 0;
  int resolution = 0;
  std::int64_t precinct = 0;  // row by row
  int layer = 0;
};

// Resolutions of all components of a tile: [component][resolution]; none of a component that has no
// samples there.
using J2kTileGeometry = std::vector<std::vector<J2kResolution>>;

J2kTileGeometry j2k_tile_geometry(const J2kHeader& header, const J2kCoding& coding,
                                  const Rect& tile);

// Walks the packets of a tile in their order, each of them once, whatever the changes of
// progression say. Position-based orders are sorted rather than searched, each of them once, and
// changes that go over the same packets again and again are not followed for ever, so that the cost
// follows the number of packets.
class J2kProgressionWalk {
 public:
  // The memory that a walk takes, which its user counts. A file may claim any number of precincts.
  static std::uint64_t bytes(const J2kTileGeometry& geometry);

  // All but `coding` and `tile` must outlive the walk.
  J2kProgressionWalk(const J2kHeader& header, const J2kCoding& coding, const Rect& tile,
                     const J2kTileGeometry& geometry, const Deadline& deadline);

  // false: there are no more, or status() tells why they are not gone through.
  bool next(J2kPacketPlace& place);
  // Errors: too_large, for changes of progression that bring too little; those of the deadline.
  const Status& status() const { return status_; }

 private:
  // A precinct, and the first of its layers that has not come yet.
  struct Stop {
    std::uint32_t precinct = 0;
    std::uint16_t next_layer = 0;
    std::uint8_t component = 0;
    std::uint8_t resolution = 0;
  };
  // Where a precinct begins on the reference grid.
  struct Position {
    std::int64_t y = 0;
    std::int64_t x = 0;
  };
  // A run of `selected_`, up to `end`: walked layer by layer, from the first that is missing.
  struct Group {
    std::size_t end = 0;
    int first_layer = 0;
  };
  // Places in `stops_`.
  using Order = std::vector<std::uint32_t>;
  enum Sorting : std::uint8_t { kByResolution, kRpcl, kPcrl, kCprl, kSortings };

  void add_stops(const J2kTileGeometry& geometry);
  std::vector<Position> positions() const;
  const Order& order(J2kProgression progression);
  bool count_vain();
  bool count();
  bool open_volume(const J2kProgressionVolume& volume);
  bool step();

  const J2kHeader& header_;
  const Rect tile_;
  const J2kTileGeometry& geometry_;
  const Deadline& deadline_;
  std::vector<J2kProgressionVolume> volumes_;
  std::size_t volume_ = 0;
  std::vector<Stop> stops_;              // by resolution, component and number
  std::array<Order, kSortings> orders_;  // empty until one is needed
  Status status_;
  std::uint64_t visits_ = 0;
  std::uint64_t in_vain_ = 0;

  // The precincts of the open volume.
  Order selected_;
  std::vector<Group> groups_;  // where layers come first
  bool layers_outside_ = false;
  int end_layer_ = 0;
  std::size_t group_ = 0;
  std::size_t stop_ = 0;
  int layer_ = 0;
  bool is_open_ = false;
};

}  // namespace iip

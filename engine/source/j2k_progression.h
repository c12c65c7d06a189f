// The order of the packets in a tile (ISO/IEC 15444-1 B.12).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/source/j2k_geometry.h"
#include "engine/source/j2k_header.h"

namespace iip {

// One packet: a layer of a precinct of a resolution of a component.
struct J2kPacketPlace {
  int component = 0;
  int resolution = 0;
  std::int64_t precinct = 0;  // row by row
  int layer = 0;
};

// Resolutions of all components of a tile: [component][resolution].
using J2kTileGeometry = std::vector<std::vector<J2kResolution>>;

J2kTileGeometry j2k_tile_geometry(const J2kHeader& header, const J2kCoding& coding,
                                  const Rect& tile);

// Walks the packets of a tile in their order, each of them once, whatever the changes of
// progression say. Position-based orders are sorted rather than searched, so that the cost follows
// the number of packets.
class J2kProgressionWalk {
 public:
  // `geometry` must outlive the walk.
  J2kProgressionWalk(const J2kHeader& header, const J2kCoding& coding, const Rect& tile,
                     const J2kTileGeometry& geometry);

  // false: there are no more.
  bool next(J2kPacketPlace& place);

 private:
  // A precinct and where it begins on the reference grid.
  struct Stop {
    std::int64_t y = 0;
    std::int64_t x = 0;
    std::int64_t precinct = 0;
    int component = 0;
    int resolution = 0;
  };

  void open_volume(const J2kProgressionVolume& volume);
  bool step();
  int& next_layer(const Stop& stop);

  const J2kHeader& header_;
  const Rect tile_;
  const J2kTileGeometry& geometry_;
  std::vector<J2kProgressionVolume> volumes_;
  std::size_t volume_ = 0;

  // Of the open volume: groups of stops; a group is walked layer by layer, or stop by stop.
  std::vector<Stop> stops_;
  std::vector<std::size_t> group_ends_;
  bool layers_outside_ = false;
  int end_layer_ = 0;
  std::size_t group_ = 0;
  std::size_t stop_ = 0;
  int layer_ = 0;
  bool is_open_ = false;

  // [component][resolution][precinct]: the first layer that has not come yet.
  std::vector<std::vector<std::vector<int>>> next_layers_;
};

}  // namespace iip

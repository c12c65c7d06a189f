// A resolution of a component, and the table that its packets are read into.
#pragma once

#include "engine/formats/jpeg2000/index/packet_parser.h"
#include "support/rasters.h"

namespace iip::test {

struct ParsedResolution {
  // `most_bytes`: of the lengths of segments.
  ParsedResolution(const Rect& component, const J2kComponentCoding& of, int layers, int resolution,
                   std::uint64_t most_bytes = std::uint64_t{1} << 20)
      : coding(of),
        layout(J2kBlockLayout::of(component, of, layers, j2k_resolution(component, of, resolution),
                                  resolution)),
        table(layout, 0, layout.place.precincts.count()),
        memory_of_table(must(memory.budget.reserve(1))),
        room(memory.budget, memory_of_table, most_bytes, 64) {
    tile.layers = layers;
    tile.components = {coding};
  }

  // Of all layers.
  bool find(std::int64_t precinct, std::size_t band, std::int64_t column, std::int64_t row,
            J2kBlockData& data) const {
    return table.find(layout, precinct, band, column, row, layout.layers, data);
  }

  Memory memory;
  J2kComponentCoding coding;
  J2kCoding tile;
  J2kBlockLayout layout;
  J2kPacketTable table;
  Reservation memory_of_table;
  J2kSegmentRoom room;
};

}  // namespace iip::test

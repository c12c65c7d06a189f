#include "engine/formats/jpeg2000/index/tile_index.h"

#include "engine/formats/jpeg2000/index/tile_indexer.h"

namespace iip {

namespace {

Result<std::shared_ptr<const J2kTileIndex>> shared(Result<J2kTileIndex> index) {
  if (!index) return pass_on(index);
  return std::make_shared<const J2kTileIndex>(std::move(*index));
}

}  // namespace

Result<std::shared_ptr<const J2kTileIndex>> J2kTileIndex::make(
    const File& file, const J2kHeader& header, const J2kTile& tile, const Rect& rect,
    std::uint64_t most_bytes, MemoryBudget& budget, const Deadline& deadline) {
  return shared(J2kTileIndexer(file, header, tile, rect, most_bytes, budget, deadline).read_all());
}

Result<std::shared_ptr<const J2kTileIndex>> J2kTileIndex::make_by_lengths(
    const File& file, const J2kHeader& header, const J2kTile& tile, const Rect& rect,
    std::uint64_t most_bytes, MemoryBudget& budget, const Deadline& deadline) {
  return shared(
      J2kTileIndexer(file, header, tile, rect, most_bytes, budget, deadline).add_lengths());
}

J2kSpan J2kTileIndex::packet(int component, int index, std::int64_t precinct, int layer) const {
  const Resolution& resolution = this->resolution(component, index);
  const auto at =
      static_cast<std::size_t>(layer * resolution.layout.place.precincts.count() + precinct);
  return {resolution.packet_starts[at], resolution.packet_lengths[at]};
}

}  // namespace iip

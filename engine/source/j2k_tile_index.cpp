#include "engine/source/j2k_tile_index.h"

#include "engine/source/j2k_tile_indexer.h"

namespace iip {

Result<std::shared_ptr<const J2kTileIndex>> J2kTileIndex::make(
    const File& file, const J2kHeader& header, const J2kTile& tile, const Rect& rect,
    std::uint64_t most_bytes, MemoryBudget& budget, const Deadline& deadline) {
  auto index = J2kTileIndexer(file, header, tile, rect, most_bytes, budget, deadline).make();
  if (!index) return pass_on(index);
  return std::make_shared<const J2kTileIndex>(std::move(*index));
}

std::uint64_t J2kTileIndex::offset_of(const Resolution& resolution, std::size_t precinct,
                                      std::uint32_t block, std::size_t layer) const {
  const auto precincts = static_cast<std::size_t>(resolution.place.precincts.count());
  const auto bands = static_cast<std::size_t>(resolution.bands);
  const std::uint32_t first = resolution.parts[precinct * bands].first_block;
  const std::uint32_t mark = block / kBlocksPerMark * kBlocksPerMark;
  std::uint64_t offset = resolution.bodies[layer * precincts + precinct];
  std::uint32_t at = first;
  if (mark >= first) {
    offset = resolution.marks[layer * mark_groups(resolution.block_count) + mark / kBlocksPerMark];
    at = mark;
  }
  for (; at < block; ++at) {
    offset += resolution.passes[layer * resolution.block_count + at] & kMostLength;
  }
  return offset;
}

bool J2kTileIndex::find(int component, int index, int band, std::int64_t column, std::int64_t row,
                        int layers, J2kBlockData& data) const {
  const Resolution& resolution = this->resolution(component, index);
  const J2kGrid& precincts = resolution.place.precincts;
  const int halved = index == 0 ? 0 : 1;
  const std::int64_t across =
      (column >> (precincts.width_log2 - halved - resolution.block.width_log2)) - precincts.left;
  const std::int64_t down =
      (row >> (precincts.height_log2 - halved - resolution.block.height_log2)) - precincts.top;
  if (across < 0 || down < 0 || across >= precincts.across || down >= precincts.down) return false;
  const auto precinct = static_cast<std::size_t>(down * precincts.across + across);
  const Part& part = resolution.parts[precinct * static_cast<std::size_t>(resolution.bands) +
                                      static_cast<std::size_t>(band - j2k_first_band(index))];
  const std::int64_t x = column - part.blocks.left;
  const std::int64_t y = row - part.blocks.top;
  if (x < 0 || y < 0 || x >= part.blocks.across || y >= part.blocks.down) return false;
  const auto block = part.first_block + static_cast<std::uint32_t>(y * part.blocks.across + x);

  const J2kSegmentRule rule(coding_.components[static_cast<std::size_t>(component)].block_style);
  data.passes = 0;
  data.segments.clear();
  data.pieces.clear();
  data.zero_planes = resolution.zero_planes[block];
  const int end = layers_of(layers);
  for (std::size_t layer = 0; layer < static_cast<std::size_t>(end); ++layer) {
    const std::size_t at = layer * resolution.block_count + block;
    const std::uint32_t contribution = resolution.passes[at];
    int left = static_cast<int>(contribution >> 24U);
    if (left == 0) continue;
    const std::uint64_t length = contribution & kMostLength;
    data.pieces.push_back({offset_of(resolution, precinct, block, layer), length});
    std::size_t segment = rule.cuts() ? resolution.first_segments[at] : 0;
    while (left > 0) {
      // A segment that the last layer has left unfinished goes on.
      const int room = data.segments.empty() ? 0
                                             : rule.take(data.passes - data.segments.back().passes,
                                                         data.segments.back().passes + left) -
                                                   data.segments.back().passes;
      const int taken = rule.take(data.passes, left);
      if (room <= 0) data.segments.push_back({});
      data.segments.back().passes += taken;
      data.segments.back().length += rule.cuts() ? resolution.segment_lengths[segment++] : length;
      data.passes += taken;
      left -= taken;
    }
  }
  return data.passes > 0;
}

}  // namespace iip

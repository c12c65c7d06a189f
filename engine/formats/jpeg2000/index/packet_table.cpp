#include "engine/formats/jpeg2000/index/packet_table.h"

#include <algorithm>

#include "engine/formats/jpeg2000/index/packet_parser.h"

namespace iip {

namespace {

// The bands of a resolution differ by a sample at each edge.
J2kGrid over_all(const std::vector<Rect>& bands, const J2kBlockSize& size) {
  std::int64_t left = INT64_MAX;
  std::int64_t top = INT64_MAX;
  std::int64_t right = 0;
  std::int64_t bottom = 0;
  for (const Rect& band : bands) {
    left = std::min(left, band.x);
    top = std::min(top, band.y);
    right = std::max(right, band.right());
    bottom = std::max(bottom, band.bottom());
  }
  return J2kGrid::over({left, top, right - left, bottom - top}, size.width_log2, size.height_log2);
}

double count_of(const J2kGrid& grid) {
  return static_cast<double>(grid.across) * static_cast<double>(grid.down);
}

}  // namespace

J2kBlockLayout J2kBlockLayout::of(const Rect& tile_component, const J2kComponentCoding& coding,
                                  int layers, const J2kResolution& place, int resolution) {
  J2kBlockLayout layout;
  layout.place = place;
  layout.block = j2k_block_size(coding, resolution);
  for (int band = j2k_first_band(resolution); band < j2k_end_band(resolution); ++band) {
    layout.bands.push_back(j2k_band(tile_component, coding.levels, resolution, band));
  }
  layout.blocks = over_all(layout.bands, layout.block);
  layout.index = resolution;
  layout.layers = layers;
  layout.rule = J2kSegmentRule(coding.block_style);
  return layout;
}

J2kGrid J2kBlockLayout::blocks_of(std::int64_t precinct, std::size_t band) const {
  const int number = j2k_first_band(index) + static_cast<int>(band);
  const std::int64_t across = place.precincts.across;
  return J2kGrid::over(
      j2k_precinct_band(place, bands[band], number, precinct % across, precinct / across),
      block.width_log2, block.height_log2);
}

std::int64_t J2kBlockLayout::precinct_of(std::int64_t column, std::int64_t row) const {
  const J2kGrid& precincts = place.precincts;
  const int halved = index == 0 ? 0 : 1;
  const std::int64_t across =
      (column >> (precincts.width_log2 - halved - block.width_log2)) - precincts.left;
  const std::int64_t down =
      (row >> (precincts.height_log2 - halved - block.height_log2)) - precincts.top;
  if (across < 0 || down < 0 || across >= precincts.across || down >= precincts.down) return -1;
  return down * precincts.across + across;
}

double J2kBlockLayout::table_bytes(double precinct_count, double block_count) const {
  constexpr double kPerPart = 64 + J2kPacketParser::kBytesOfPart;
  constexpr double kPerBlock = 1 + J2kPacketParser::kBytesOfBlock;
  const double per_contribution = rule.cuts() ? 12 : 4;
  return precinct_count * (3 * kPerPart + layers * 8.0) +
         block_count * (kPerBlock + layers * per_contribution);
}

double J2kBlockLayout::table_bytes_of_all() const {
  double count = 0;
  for (const Rect& band : bands) {
    count += count_of(J2kGrid::over(band, block.width_log2, block.height_log2));
  }
  return table_bytes(count_of(place.precincts), count);
}

double J2kBlockLayout::table_bytes_of(std::int64_t precinct) const {
  double count = 0;
  for (std::size_t band = 0; band < bands.size(); ++band) {
    count += count_of(blocks_of(precinct, band));
  }
  return table_bytes(1, count);
}

J2kPacketTable::J2kPacketTable(const J2kBlockLayout& layout, std::int64_t first_precinct,
                               std::int64_t count)
    : first_precinct_(first_precinct),
      precincts_(static_cast<std::size_t>(count)),
      bands_(layout.bands.size()) {
  parts_.reserve(precincts_ * bands_);
  for (std::int64_t precinct = first_precinct; precinct < first_precinct + count; ++precinct) {
    for (std::size_t band = 0; band < bands_; ++band) {
      const J2kGrid blocks = layout.blocks_of(precinct, band);
      parts_.push_back({blocks, block_count_});
      block_count_ += static_cast<std::uint32_t>(blocks.count());
    }
  }
  const auto layers = static_cast<std::size_t>(layout.layers);
  zero_planes_.resize(block_count_);
  passes_.resize(layers * block_count_);
  bodies_.resize(layers * precincts_);
  marks_.resize(layers * mark_groups(block_count_));
  if (layout.rule.cuts()) first_segments_.resize(passes_.size());
}

std::uint64_t J2kPacketTable::offset_of(std::size_t precinct, std::uint32_t block,
                                        std::size_t layer) const {
  const std::uint32_t first = parts_[precinct * bands_].first_block;
  const std::uint32_t mark = block / kBlocksPerMark * kBlocksPerMark;
  std::uint64_t offset = bodies_[layer * precincts_ + precinct];
  std::uint32_t at = first;
  if (mark >= first) {
    offset = marks_[layer * mark_groups(block_count_) + mark / kBlocksPerMark];
    at = mark;
  }
  for (; at < block; ++at) offset += passes_[layer * block_count_ + at] & kMostLength;
  return offset;
}

bool J2kPacketTable::find(const J2kBlockLayout& layout, std::int64_t precinct, std::size_t band,
                          std::int64_t column, std::int64_t row, int layers,
                          J2kBlockData& data) const {
  const auto number = static_cast<std::size_t>(precinct - first_precinct_);
  const Part& part = parts_[number * bands_ + band];
  const std::int64_t x = column - part.blocks.left;
  const std::int64_t y = row - part.blocks.top;
  if (x < 0 || y < 0 || x >= part.blocks.across || y >= part.blocks.down) return false;
  const auto block = part.first_block + static_cast<std::uint32_t>(y * part.blocks.across + x);

  const J2kSegmentRule& rule = layout.rule;
  data.passes = 0;
  data.segments.clear();
  data.pieces.clear();
  data.zero_planes = zero_planes_[block];
  for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
    const std::size_t at = layer * block_count_ + block;
    const std::uint32_t contribution = passes_[at];
    int left = static_cast<int>(contribution >> 24U);
    if (left == 0) continue;
    const std::uint64_t length = contribution & kMostLength;
    data.pieces.push_back({offset_of(number, block, layer), length});
    std::size_t segment = rule.cuts() ? first_segments_[at] : 0;
    while (left > 0) {
      // A segment that the last layer has left unfinished goes on.
      const int room = data.segments.empty() ? 0
                                             : rule.take(data.passes - data.segments.back().passes,
                                                         data.segments.back().passes + left) -
                                                   data.segments.back().passes;
      const int taken = rule.take(data.passes, left);
      if (room <= 0) data.segments.push_back({});
      data.segments.back().passes += taken;
      data.segments.back().length += rule.cuts() ? segment_lengths_[segment++] : length;
      data.passes += taken;
      left -= taken;
    }
  }
  return data.passes > 0;
}

}  // namespace iip

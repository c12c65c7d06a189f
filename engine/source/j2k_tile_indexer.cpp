#include "engine/source/j2k_tile_indexer.h"

#include <algorithm>
#include <bit>
#include <string>

namespace iip {

namespace {

constexpr int kMostZeroPlanes = 74;
constexpr int kMostPasses = 164;
constexpr int kMostLengthBits = 32;

tl::unexpected<Error> damaged(std::string detail) {
  return fail(ErrorKind::corrupt, "The image file is damaged", "JPEG 2000: " + std::move(detail));
}

tl::unexpected<Error> unsupported(std::string detail) {
  return fail(ErrorKind::unsupported, "This kind of JPEG 2000 image is not supported",
              "JPEG 2000: " + std::move(detail));
}

tl::unexpected<Error> takes_too_much(std::uint64_t most_bytes) {
  return unsupported("an index of its packets takes more than " + std::to_string(most_bytes) +
                     " bytes");
}

// The bands of a resolution differ by a sample at each edge.
J2kGrid blocks_of_all_bands(const Rect& tile_component, const J2kComponentCoding& coding,
                            int resolution) {
  const J2kBlockSize size = j2k_block_size(coding, resolution);
  std::int64_t left = INT64_MAX;
  std::int64_t top = INT64_MAX;
  std::int64_t right = 0;
  std::int64_t bottom = 0;
  for (int band = j2k_first_band(resolution); band < j2k_end_band(resolution); ++band) {
    const Rect rect = j2k_band(tile_component, coding.levels, resolution, band);
    left = std::min(left, rect.x);
    top = std::min(top, rect.y);
    right = std::max(right, rect.right());
    bottom = std::max(bottom, rect.bottom());
  }
  return J2kGrid::over({left, top, right - left, bottom - top}, size.width_log2, size.height_log2);
}

}  // namespace

// Of the finished index, and of the state while it is made.
double J2kTileIndexer::expected_bytes() const {
  constexpr double kPerPart = sizeof(Part) + sizeof(PartState);
  constexpr double kPerBlock = sizeof(BlockState) + 1 + 16;  // and the tag trees' nodes
  const double layers = tile_.coding.layers;
  double bytes = 0;
  for (std::size_t c = 0; c < geometry_.size(); ++c) {
    const J2kComponentCoding& coding = tile_.coding.components[c];
    const Rect rect = divide_up(index_.rect_, header_.components[c].dx, header_.components[c].dy);
    const double per_contribution = J2kSegmentRule(coding.block_style).cuts() ? 12 : 4;
    for (int r = 0; r <= coding.levels; ++r) {
      const J2kGrid& grid = geometry_[c][static_cast<std::size_t>(r)].precincts;
      const double precincts = static_cast<double>(grid.across) * static_cast<double>(grid.down);
      bytes += precincts * (3 * kPerPart + layers * 8);
      const J2kBlockSize size = j2k_block_size(coding, r);
      for (int band = j2k_first_band(r); band < j2k_end_band(r); ++band) {
        const J2kGrid blocks = J2kGrid::over(j2k_band(rect, coding.levels, r, band),
                                             size.width_log2, size.height_log2);
        bytes += static_cast<double>(blocks.across) * static_cast<double>(blocks.down) *
                 (kPerBlock + layers * per_contribution);
      }
    }
  }
  return bytes;
}

Status J2kTileIndexer::reserve() {
  std::uint64_t stored = 0;
  for (const J2kSpan& part : tile_.data) stored += part.length;
  double packets = 0;
  for (const auto& resolutions : geometry_) {
    for (const J2kResolution& resolution : resolutions) {
      packets += static_cast<double>(resolution.precincts.across) *
                 static_cast<double>(resolution.precincts.down) * tile_.coding.layers;
    }
  }
  // Each takes a byte at least.
  if (packets > static_cast<double>(stored)) return damaged("fewer bytes than packets");
  const double expected = expected_bytes();
  if (expected > static_cast<double>(most_bytes_)) return takes_too_much(most_bytes_);
  Result<Reservation> memory = budget_.reserve(static_cast<std::uint64_t>(expected));
  if (!memory) return pass_on(memory);
  index_.memory_ = std::move(*memory);
  return {};
}

// Segments are as many as the file says. A vector that grows is there twice for a while.
Status J2kTileIndexer::reserve_segments() {
  constexpr std::uint64_t kAtOnce = std::uint64_t{1} << 16;
  const std::uint64_t bytes = 2 * kAtOnce * sizeof(std::uint32_t);
  if (index_.memory_.bytes() + bytes > most_bytes_) return takes_too_much(most_bytes_);
  Status status = budget_.grow(index_.memory_, bytes);
  if (status) segments_left_ += kAtOnce;
  return status;
}

J2kTileIndexer::Resolution J2kTileIndexer::lay_out(std::size_t component, int index) const {
  const J2kComponentCoding& coding = tile_.coding.components[component];
  const J2kComponent& grid = header_.components[component];
  const Rect rect = divide_up(index_.rect_, grid.dx, grid.dy);
  Resolution resolution;
  resolution.place = geometry_[component][static_cast<std::size_t>(index)];
  resolution.block = j2k_block_size(coding, index);
  resolution.bands = j2k_end_band(index) - j2k_first_band(index);
  resolution.blocks = blocks_of_all_bands(rect, coding, index);
  const J2kGrid& precincts = resolution.place.precincts;
  for (std::int64_t row = 0; row < precincts.down; ++row) {
    for (std::int64_t column = 0; column < precincts.across; ++column) {
      for (int band = j2k_first_band(index); band < j2k_end_band(index); ++band) {
        const Rect part = j2k_precinct_band(
            resolution.place, j2k_band(rect, coding.levels, index, band), band, column, row);
        const J2kGrid blocks =
            J2kGrid::over(part, resolution.block.width_log2, resolution.block.height_log2);
        resolution.parts.push_back({blocks, resolution.block_count});
        resolution.block_count += static_cast<std::uint32_t>(blocks.count());
      }
    }
  }
  const auto layers = static_cast<std::size_t>(tile_.coding.layers);
  resolution.zero_planes.resize(resolution.block_count);
  resolution.passes.resize(layers * resolution.block_count);
  resolution.bodies.resize(layers * static_cast<std::size_t>(precincts.count()));
  resolution.marks.resize(layers * J2kTileIndex::mark_groups(resolution.block_count));
  if (J2kSegmentRule(coding.block_style).cuts()) {
    resolution.first_segments.resize(resolution.passes.size());
  }
  return resolution;
}

void J2kTileIndexer::lay_out() {
  index_.components_.resize(geometry_.size());
  state_.resize(geometry_.size());
  for (std::size_t c = 0; c < geometry_.size(); ++c) {
    for (int r = 0; r <= tile_.coding.components[c].levels; ++r) {
      index_.components_[c].push_back(lay_out(c, r));
      const Resolution& made = index_.components_[c].back();
      ResolutionState state;
      state.parts.resize(made.parts.size());
      state.blocks.resize(made.block_count);
      state_[c].push_back(std::move(state));
    }
  }
}

Result<J2kTileIndex> J2kTileIndexer::make() {
  Status status = reserve();
  if (!status) return pass_on(status);
  lay_out();
  J2kProgressionWalk walk(header_, tile_.coding, index_.rect_, geometry_);
  J2kPacketPlace place;
  for (std::uint64_t i = 0; walk.next(place); ++i) {
    if (i % 4096 == 0) {
      if (auto in_time = deadline_.check(); !in_time) return pass_on(in_time);
    }
    status = read_packet(place);
    if (!status) return pass_on(status);
  }
  for (auto& resolutions : index_.components_) {
    for (Resolution& resolution : resolutions) resolution.segment_lengths.shrink_to_fit();
  }
  index_.memory_.outlive_budget();
  return std::move(index_);
}

Result<bool> J2kTileIndexer::has_marker_ahead(std::uint8_t marker) {
  const auto first = bytes_.peek(0);
  const auto second = bytes_.peek(1);
  if (!first) return tl::unexpected(first.error());
  if (!second) return tl::unexpected(second.error());
  return *first == 0xFF && *second == marker;
}

// SOP: its length 4, and a number that is of no use here.
Status J2kTileIndexer::skip_packet_start() {
  if (!tile_.coding.may_have_packet_starts) return {};
  const Result<bool> is_there = has_marker_ahead(0x91);
  if (!is_there) return tl::unexpected(is_there.error());
  return *is_there ? bytes_.skip(6) : Status{};
}

// EPH.
Status J2kTileIndexer::skip_packet_header_end() {
  if (!tile_.coding.has_packet_header_ends) return {};
  const Result<bool> is_there = has_marker_ahead(0x92);
  if (!is_there) return tl::unexpected(is_there.error());
  if (!*is_there) return unsupported("a packet header without the end that is announced");
  return bytes_.skip(2);
}

Status J2kTileIndexer::read_packet(const J2kPacketPlace& place) {
  // OpenJPEG may make something of it.
  if (!bytes_.has_more()) return unsupported("packets are missing");
  Status status = skip_packet_start();
  if (!status) return status;
  if (!bytes_.has_more()) return damaged("a packet without header");
  Resolution& resolution = index_.components_[static_cast<std::size_t>(place.component)]
                                             [static_cast<std::size_t>(place.resolution)];
  J2kHeaderBits bits(bytes_);
  const bool has_content = bits.bit() != 0;
  if (has_content) {
    for (int band = 0; band < resolution.bands; ++band) {
      const std::size_t part =
          static_cast<std::size_t>(place.precinct) * static_cast<std::size_t>(resolution.bands) +
          static_cast<std::size_t>(band);
      status = read_part(bits, place, part);
      if (!status) return status;
    }
  }
  bits.finish();
  if (!bits.status()) return bits.status();
  status = skip_packet_header_end();
  if (!status) return status;
  return has_content ? pass_bodies(place) : Status{};
}

Status J2kTileIndexer::read_part(J2kHeaderBits& bits, const J2kPacketPlace& place,
                                 std::size_t part) {
  const auto component = static_cast<std::size_t>(place.component);
  const auto index = static_cast<std::size_t>(place.resolution);
  Resolution& resolution = index_.components_[component][index];
  ResolutionState& state = state_[component][index];
  const J2kGrid& grid = resolution.parts[part].blocks;
  PartState& trees = state.parts[part];
  if (!trees.is_made) {
    trees = {J2kTagTree(grid.across, grid.down), J2kTagTree(grid.across, grid.down), true};
  }
  std::uint32_t block = resolution.parts[part].first_block;
  for (std::int64_t row = 0; row < grid.down; ++row) {
    for (std::int64_t column = 0; column < grid.across; ++column, ++block) {
      const bool is_new = state.blocks[block].length_bits == 0;
      const bool is_included =
          is_new ? trees.inclusion.is_below(bits, column, row,
                                            static_cast<std::uint16_t>(place.layer + 1))
                 : bits.bit() != 0;
      if (!is_included) continue;
      if (is_new) {
        std::uint16_t planes = 0;
        while (!trees.zero_planes.is_below(bits, column, row,
                                           static_cast<std::uint16_t>(planes + 1))) {
          if (++planes > kMostZeroPlanes) return damaged("a code-block of too few bit planes");
        }
        resolution.zero_planes[block] = static_cast<std::uint8_t>(planes);
        state.blocks[block].length_bits = 3;
      }
      Status status = read_block(bits, place, block);
      if (!status) return status;
    }
    // Behind the end all bits are 0: nothing would end the packet early.
    if (!bits.status()) return bits.status();
  }
  return {};
}

Status J2kTileIndexer::read_block(J2kHeaderBits& bits, const J2kPacketPlace& place,
                                  std::uint32_t block) {
  const auto component = static_cast<std::size_t>(place.component);
  const auto index = static_cast<std::size_t>(place.resolution);
  Resolution& resolution = index_.components_[component][index];
  BlockState& state = state_[component][index].blocks[block];
  const std::uint8_t style = tile_.coding.components[component].block_style;
  const J2kSegmentRule rule(style);
  const int new_passes = read_pass_count(bits);
  int length_bits = state.length_bits;
  while (bits.bit() != 0) {
    if (++length_bits > kMostLengthBits) return damaged("a code-block of too many bytes");
  }
  if (state.passes + new_passes > kMostPasses) return damaged("a code-block of too many passes");
  if (!rule.cuts() && state.passes + new_passes > J2kSegmentRule::kPassesOfOneSegment) {
    return unsupported("a code-block of more passes than one segment has");
  }
  if (state.passes != 0 && (style & J2kComponentCoding::kHighThroughput) != 0) {
    return unsupported("HTJ2K code-blocks in several layers");
  }
  const std::size_t at = static_cast<std::size_t>(place.layer) * resolution.block_count + block;
  if (rule.cuts()) {
    resolution.first_segments[at] = static_cast<std::uint32_t>(resolution.segment_lengths.size());
  }
  std::uint64_t length = 0;
  int passes = state.passes;
  for (int left = new_passes; left > 0;) {
    const int taken = rule.take(passes, left);
    const int width =
        length_bits + static_cast<int>(std::bit_width(static_cast<unsigned>(taken))) - 1;
    if (width > kMostLengthBits) return damaged("a code-block of too many bytes");
    const std::uint32_t segment = bits.bits(width);
    if (rule.cuts()) {
      if (segments_left_ == 0) {
        if (Status status = reserve_segments(); !status) return status;
      }
      --segments_left_;
      resolution.segment_lengths.push_back(segment);
    }
    length += segment;
    passes += taken;
    left -= taken;
  }
  if (length > J2kTileIndex::kMostLength) return unsupported("a code-block of more than 16 MB");
  resolution.passes[at] =
      static_cast<std::uint32_t>(new_passes) << 24U | static_cast<std::uint32_t>(length);
  state.length_bits = static_cast<std::uint8_t>(length_bits);
  state.passes = static_cast<std::uint8_t>(passes);
  return {};
}

// Notes where the body lies, and goes behind it.
Status J2kTileIndexer::pass_bodies(const J2kPacketPlace& place) {
  Resolution& resolution = index_.components_[static_cast<std::size_t>(place.component)]
                                             [static_cast<std::size_t>(place.resolution)];
  const auto precinct = static_cast<std::size_t>(place.precinct);
  const auto layer = static_cast<std::size_t>(place.layer);
  const auto bands = static_cast<std::size_t>(resolution.bands);
  const auto precincts = static_cast<std::size_t>(resolution.place.precincts.count());
  resolution.bodies[layer * precincts + precinct] = bytes_.position();
  const std::uint32_t first = resolution.parts[precinct * bands].first_block;
  const std::uint32_t end = precinct + 1 < precincts
                                ? resolution.parts[(precinct + 1) * bands].first_block
                                : resolution.block_count;
  const std::size_t groups = J2kTileIndex::mark_groups(resolution.block_count);
  std::uint64_t length = 0;
  for (std::uint32_t block = first; block < end; ++block) {
    if (block % J2kTileIndex::kBlocksPerMark == 0) {
      resolution.marks[layer * groups + block / J2kTileIndex::kBlocksPerMark] =
          bytes_.position() + length;
    }
    length += resolution.passes[layer * resolution.block_count + block] & J2kTileIndex::kMostLength;
  }
  return bytes_.skip(length);
}

}  // namespace iip

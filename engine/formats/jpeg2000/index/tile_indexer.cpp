#include "engine/formats/jpeg2000/index/tile_indexer.h"

#include <string>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/index/plt.h"

namespace iip {

namespace {

// The most code-blocks of the bands of a resolution: where decoded ones are kept they are numbered
// in 24 bits. An index that is made by reading reaches its limit of memory before.
constexpr std::int64_t kMostBlocks = std::int64_t{1} << 24;

tl::unexpected<Error> takes_too_much(std::uint64_t most_bytes) {
  return unsupported_codestream("an index of its packets takes more than " +
                                std::to_string(most_bytes) + " bytes");
}

}  // namespace

// How many packets the file claims, whatever number that is.
double J2kTileIndexer::packets() const {
  double packets = 0;
  for (const auto& resolutions : geometry_) {
    for (const J2kResolution& resolution : resolutions) {
      packets += static_cast<double>(resolution.precincts.count()) * tile_.coding->layers;
    }
  }
  return packets;
}

// The header of each takes a byte at least.
Status J2kTileIndexer::check_packets() const {
  std::uint64_t stored = 0;
  for (const J2kSpan& part : tile_.has_packed_headers ? tile_.packed_headers : tile_.data) {
    stored += part.length;
  }
  if (packets() <= static_cast<double>(stored)) return {};
  return damaged_codestream("fewer bytes than packets");
}

// What an index takes before it knows of any packet.
std::uint64_t J2kTileIndexer::layout_bytes() const {
  constexpr std::uint64_t kAllocation = 16;
  constexpr std::uint64_t kOfComponent = sizeof(decltype(geometry_)::value_type);
  constexpr std::uint64_t kOfResolution =
      sizeof(Resolution) + sizeof(J2kPacketTable) + 3 * sizeof(Rect) + 3 * kAllocation;
  std::uint64_t bytes = sizeof(J2kTileIndex) + (tile_.has_own_coding ? tile_.coding->bytes() : 0);
  for (const auto& resolutions : geometry_) {
    bytes += kOfComponent + resolutions.size() * sizeof(void*) + kAllocation;
    for (const J2kResolution& of : resolutions) {
      if (of.precincts.count() != 0) bytes += kOfResolution;
    }
  }
  return bytes;
}

Status J2kTileIndexer::reserve(double bytes) {
  if (bytes + static_cast<double>(index_.memory_.bytes()) > static_cast<double>(most_bytes_)) {
    return takes_too_much(most_bytes_);
  }
  const auto whole = static_cast<std::uint64_t>(bytes);
  if (index_.memory_.bytes() != 0) return budget_.grow(index_.memory_, whole);
  Result<Reservation> memory = budget_.reserve(whole);
  if (!memory) return pass_on(memory);
  index_.memory_ = std::move(*memory);
  return {};
}

void J2kTileIndexer::lay_out() {
  index_.components_.resize(geometry_.size());
  for (std::size_t c = 0; c < geometry_.size(); ++c) {
    const J2kComponentCoding& coding = tile_.coding->components[c];
    const J2kComponent& grid = header_.components[c];
    const Rect rect = divide_up(index_.rect_, grid.dx, grid.dy);
    index_.components_[c].resize(geometry_[c].size());
    for (int r = 0; r < static_cast<int>(geometry_[c].size()); ++r) {
      const J2kResolution& place = geometry_[c][static_cast<std::size_t>(r)];
      if (place.precincts.count() == 0) continue;
      auto resolution = std::make_unique<Resolution>();
      resolution->layout = J2kBlockLayout::of(rect, coding, tile_.coding->layers, place, r);
      index_.components_[c][static_cast<std::size_t>(r)] = std::move(resolution);
    }
  }
}

double J2kTileIndexer::table_bytes() const {
  double bytes = 0;
  for (const auto& resolutions : index_.components_) {
    for (const auto& of : resolutions) bytes += of ? of->layout.table_bytes_of_all() : 0;
  }
  return bytes;
}

J2kTileIndexer::Parsers J2kTileIndexer::make_tables(J2kSegmentRoom& room) {
  Parsers parsers(index_.components_.size());
  for (std::size_t c = 0; c < parsers.size(); ++c) {
    parsers[c].resize(index_.components_[c].size());
    for (std::size_t r = 0; r < parsers[c].size(); ++r) {
      const auto& resolution = index_.components_[c][r];
      if (!resolution) continue;
      const std::int64_t count = resolution->layout.place.precincts.count();
      resolution->tables.emplace_back(resolution->layout, 0, count);
      parsers[c][r] = std::make_unique<J2kPacketParser>(*tile_.coding, tile_.coding->components[c],
                                                        room, resolution->tables.back());
    }
  }
  return parsers;
}

J2kTileIndexer::Resolution& J2kTileIndexer::resolution_of(const J2kPacketPlace& place) {
  return *index_.components_[static_cast<std::size_t>(place.component)]
                            [static_cast<std::size_t>(place.resolution)];
}

template <class Work>
Status J2kTileIndexer::for_each_packet(const Work& work) {
  const std::uint64_t bytes = J2kProgressionWalk::bytes(geometry_);
  if (bytes > most_bytes_) return takes_too_much(most_bytes_);
  const Result<Reservation> memory = budget_.reserve(bytes);
  if (!memory) return tl::unexpected(memory.error());
  J2kProgressionWalk walk(header_, *tile_.coding, index_.rect_, geometry_, deadline_);
  for (J2kPacketPlace place; walk.next(place);) {
    if (Status status = work(place); !status) return status;
  }
  return walk.status();
}

Result<J2kTileIndex> J2kTileIndexer::read_all() {
  constexpr std::uint64_t kSegmentsAtOnce = std::uint64_t{1} << 16;
  Status status = check_packets();
  if (status) status = reserve(static_cast<double>(layout_bytes()));
  if (!status) return pass_on(status);
  lay_out();
  status = reserve(table_bytes());
  if (!status) return pass_on(status);
  J2kSegmentRoom room(budget_, index_.memory_, most_bytes_, kSegmentsAtOnce);
  Parsers parsers = make_tables(room);
  J2kTileBytes bodies(file_, tile_.data);
  J2kTileBytes packed(file_, tile_.packed_headers, J2kTileBytes::Kind::packed_headers);
  J2kTileBytes& headers = tile_.has_packed_headers ? packed : bodies;
  status = for_each_packet([&](const J2kPacketPlace& place) {
    return parsers[static_cast<std::size_t>(place.component)]
                  [static_cast<std::size_t>(place.resolution)]
                      ->read(headers, bodies, place.precinct, place.layer);
  });
  if (!status) return pass_on(status);
  for (auto& resolutions : parsers) {
    for (const auto& parser : resolutions) {
      if (parser) parser->finish();
    }
  }
  index_.memory_.outlive_budget();
  return std::move(index_);
}

Result<J2kTileIndex> J2kTileIndexer::add_lengths() {
  Status status = check_packets();
  if (status) status = reserve(static_cast<double>(layout_bytes()));
  if (status) status = reserve(packets() * (sizeof(std::uint64_t) + sizeof(std::uint32_t)));
  if (!status) return pass_on(status);
  lay_out();
  for (auto& resolutions : index_.components_) {
    for (const auto& resolution : resolutions) {
      if (!resolution) continue;
      if (resolution->layout.blocks.count() > kMostBlocks) return takes_too_much(most_bytes_);
      const auto count = static_cast<std::size_t>(resolution->layout.place.precincts.count()) *
                         static_cast<std::size_t>(tile_.coding->layers);
      resolution->packet_starts.resize(count);
      resolution->packet_lengths.resize(count);
    }
  }
  PltPacketLengths lengths(file_, tile_);
  status = for_each_packet([&](const J2kPacketPlace& place) -> Status {
    const Result<J2kSpan> packet = lengths.next();
    if (!packet) return tl::unexpected(packet.error());
    Resolution& resolution = resolution_of(place);
    const auto at = static_cast<std::size_t>(
        place.layer * resolution.layout.place.precincts.count() + place.precinct);
    resolution.packet_starts[at] = packet->offset;
    resolution.packet_lengths[at] = static_cast<std::uint32_t>(packet->length);
    return {};
  });
  if (status) status = lengths.finish();
  if (!status) return pass_on(status);
  index_.is_by_lengths_ = true;
  index_.memory_.outlive_budget();
  return std::move(index_);
}

}  // namespace iip

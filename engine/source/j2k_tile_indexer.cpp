#include "engine/source/j2k_tile_indexer.h"

#include <string>

#include "engine/source/j2k_packet_lengths.h"
#include "engine/source/jpeg2000_errors.h"

namespace iip {

namespace {

// Of a band: they are numbered where they are kept. By reading, memory has fewer.
constexpr std::int64_t kMostBlocks = std::int64_t{1} << 24;

tl::unexpected<Error> takes_too_much(std::uint64_t most_bytes) {
  return unsupported_codestream("an index of its packets takes more than " +
                                std::to_string(most_bytes) + " bytes");
}

}  // namespace

// As many as a file claims, whatever that is.
double J2kTileIndexer::packets() const {
  double packets = 0;
  for (const auto& resolutions : geometry_) {
    for (const J2kResolution& resolution : resolutions) {
      packets += static_cast<double>(resolution.precincts.across) *
                 static_cast<double>(resolution.precincts.down) * tile_.coding.layers;
    }
  }
  return packets;
}

// Each takes a byte at least.
Status J2kTileIndexer::check_packets() const {
  std::uint64_t stored = 0;
  for (const J2kSpan& part : tile_.data) stored += part.length;
  if (packets() <= static_cast<double>(stored)) return {};
  return damaged_codestream("fewer bytes than packets");
}

Status J2kTileIndexer::reserve(double bytes) {
  if (bytes > static_cast<double>(most_bytes_)) return takes_too_much(most_bytes_);
  Result<Reservation> memory = budget_.reserve(static_cast<std::uint64_t>(bytes));
  if (!memory) return pass_on(memory);
  index_.memory_ = std::move(*memory);
  return {};
}

void J2kTileIndexer::lay_out() {
  index_.components_.resize(geometry_.size());
  for (std::size_t c = 0; c < geometry_.size(); ++c) {
    const J2kComponentCoding& coding = tile_.coding.components[c];
    const J2kComponent& grid = header_.components[c];
    const Rect rect = divide_up(index_.rect_, grid.dx, grid.dy);
    for (int r = 0; r <= coding.levels; ++r) {
      Resolution resolution;
      resolution.layout = J2kBlockLayout::of(rect, coding, tile_.coding.layers,
                                             geometry_[c][static_cast<std::size_t>(r)], r);
      index_.components_[c].push_back(std::move(resolution));
    }
  }
}

J2kTileIndexer::Parsers J2kTileIndexer::make_tables(J2kSegmentRoom& room) {
  Parsers parsers(index_.components_.size());
  for (std::size_t c = 0; c < parsers.size(); ++c) {
    for (Resolution& resolution : index_.components_[c]) {
      const std::int64_t count = resolution.layout.place.precincts.count();
      resolution.tables.emplace_back(resolution.layout, 0, count);
      parsers[c].emplace_back(tile_.coding, tile_.coding.components[c], room,
                              resolution.tables.back());
    }
  }
  return parsers;
}

J2kTileIndexer::Resolution& J2kTileIndexer::resolution_of(const J2kPacketPlace& place) {
  return index_.components_[static_cast<std::size_t>(place.component)]
                           [static_cast<std::size_t>(place.resolution)];
}

template <class Work>
Status J2kTileIndexer::for_each_packet(const Work& work) {
  J2kProgressionWalk walk(header_, tile_.coding, index_.rect_, geometry_);
  J2kPacketPlace place;
  for (std::uint64_t i = 0; walk.next(place); ++i) {
    if (i % 4096 == 0) {
      if (auto in_time = deadline_.check(); !in_time) return in_time;
    }
    if (Status status = work(place); !status) return status;
  }
  return {};
}

Result<J2kTileIndex> J2kTileIndexer::read_all() {
  constexpr std::uint64_t kSegmentsAtOnce = std::uint64_t{1} << 16;
  if (Status status = check_packets(); !status) return pass_on(status);
  lay_out();
  double expected = 0;
  for (const auto& resolutions : index_.components_) {
    for (const Resolution& of : resolutions) expected += of.layout.table_bytes_of_all();
  }
  if (Status status = reserve(expected); !status) return pass_on(status);
  J2kSegmentRoom room(budget_, index_.memory_, most_bytes_, kSegmentsAtOnce);
  Parsers parsers = make_tables(room);
  J2kTileBytes bytes(file_, tile_.data);
  Status status = for_each_packet([&](const J2kPacketPlace& place) {
    return parsers[static_cast<std::size_t>(place.component)]
                  [static_cast<std::size_t>(place.resolution)]
                      .read(bytes, place.precinct, place.layer);
  });
  if (!status) return pass_on(status);
  for (auto& resolutions : parsers) {
    for (J2kPacketParser& parser : resolutions) parser.finish();
  }
  index_.memory_.outlive_budget();
  return std::move(index_);
}

Result<J2kTileIndex> J2kTileIndexer::add_lengths() {
  if (Status status = check_packets(); !status) return pass_on(status);
  const double expected = packets() * (sizeof(std::uint64_t) + sizeof(std::uint32_t));
  if (Status status = reserve(expected); !status) return pass_on(status);
  lay_out();
  for (auto& resolutions : index_.components_) {
    for (Resolution& resolution : resolutions) {
      if (resolution.layout.blocks.count() > kMostBlocks) return takes_too_much(most_bytes_);
      const auto count = static_cast<std::size_t>(resolution.layout.place.precincts.count()) *
                         static_cast<std::size_t>(tile_.coding.layers);
      resolution.packet_starts.resize(count);
      resolution.packet_lengths.resize(count);
    }
  }
  J2kPacketLengths lengths(file_, tile_);
  Status status = for_each_packet([&](const J2kPacketPlace& place) -> Status {
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

#include "engine/formats/jpeg2000/index/progression.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "engine/base/checked.h"

namespace iip {

namespace {

// Where a row or column of precincts begins on the reference grid: the first one begins with the
// tile, unless the grid of precincts does so there.
std::int64_t precinct_start(std::int64_t index, int size_log2, std::int64_t resolution_start,
                            int halvings, std::int64_t distance, std::int64_t tile_start) {
  const std::int64_t at = index << size_log2;
  if (at < resolution_start) return tile_start;
  return (at << halvings) * distance;
}

}  // namespace

J2kTileGeometry j2k_tile_geometry(const J2kHeader& header, const J2kCoding& coding,
                                  const Rect& tile) {
  J2kTileGeometry geometry(header.components.size());
  for (std::size_t c = 0; c < geometry.size(); ++c) {
    const Rect rect = divide_up(tile, header.components[c].dx, header.components[c].dy);
    if (rect.empty()) continue;
    for (int r = 0; r <= coding.components[c].levels; ++r) {
      geometry[c].push_back(j2k_resolution(rect, coding.components[c], r));
    }
  }
  return geometry;
}

std::uint64_t J2kProgressionWalk::bytes(const J2kTileGeometry& geometry) {
  constexpr std::uint64_t kOfPrecinct =
      sizeof(Stop) + sizeof(Position) + (kSortings + 1) * sizeof(Order::value_type);
  std::uint64_t precincts = 0;
  for (const auto& resolutions : geometry) {
    for (const J2kResolution& resolution : resolutions) {
      precincts =
          saturated_add(precincts, static_cast<std::uint64_t>(resolution.precincts.count()));
    }
  }
  return saturated_mul(precincts, kOfPrecinct);
}

J2kProgressionWalk::J2kProgressionWalk(const J2kHeader& header, const J2kCoding& coding,
                                       const Rect& tile, const J2kTileGeometry& geometry,
                                       const Deadline& deadline)
    : header_(header),
      tile_(tile),
      geometry_(geometry),
      deadline_(deadline),
      volumes_(coding.changes) {
  J2kProgressionVolume all;
  all.end_layer = coding.layers;
  all.end_resolution = 33;
  all.end_component = static_cast<int>(geometry.size());
  all.progression = coding.progression;
  for (J2kProgressionVolume& volume : volumes_) {
    volume.end_layer = std::min(volume.end_layer, all.end_layer);
  }
  if (volumes_.empty()) volumes_.push_back(all);
  add_stops(geometry);
}

void J2kProgressionWalk::add_stops(const J2kTileGeometry& geometry) {
  std::size_t most_resolutions = 0;
  std::size_t count = 0;
  for (const auto& resolutions : geometry) {
    most_resolutions = std::max(most_resolutions, resolutions.size());
    for (const J2kResolution& of : resolutions) {
      count += static_cast<std::size_t>(of.precincts.count());
    }
  }
  stops_.reserve(count);
  for (std::size_t r = 0; r < most_resolutions; ++r) {
    for (std::size_t c = 0; c < geometry.size(); ++c) {
      if (r >= geometry[c].size()) continue;
      const std::int64_t precincts = geometry[c][r].precincts.count();
      for (std::int64_t i = 0; i < precincts; ++i) {
        stops_.push_back({static_cast<std::uint32_t>(i), 0, static_cast<std::uint8_t>(c),
                          static_cast<std::uint8_t>(r)});
      }
    }
  }
}

std::vector<J2kProgressionWalk::Position> J2kProgressionWalk::positions() const {
  std::vector<Position> positions;
  positions.reserve(stops_.size());
  for (const Stop& stop : stops_) {
    const J2kComponent& component = header_.components[stop.component];
    const auto& resolutions = geometry_[stop.component];
    const J2kResolution& resolution = resolutions[stop.resolution];
    const J2kGrid& grid = resolution.precincts;
    const int halvings = static_cast<int>(resolutions.size()) - 1 - stop.resolution;
    positions.push_back({precinct_start(grid.top + stop.precinct / grid.across, grid.height_log2,
                                        resolution.rect.y, halvings, component.dy, tile_.y),
                         precinct_start(grid.left + stop.precinct % grid.across, grid.width_log2,
                                        resolution.rect.x, halvings, component.dx, tile_.x)});
  }
  return positions;
}

const J2kProgressionWalk::Order& J2kProgressionWalk::order(J2kProgression progression) {
  const auto sorting = [&] {
    switch (progression) {
      case J2kProgression::rpcl:
        return kRpcl;
      case J2kProgression::pcrl:
        return kPcrl;
      case J2kProgression::cprl:
        return kCprl;
      default:
        return kByResolution;
    }
  }();
  Order& order = orders_[sorting];
  if (!order.empty()) return order;
  order.resize(stops_.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  if (sorting == kByResolution) return order;
  const std::vector<Position> positions = this->positions();
  using Key = std::array<std::int64_t, 5>;
  const auto key = [&](std::uint32_t at) -> Key {
    const Stop& s = stops_[at];
    const Position& p = positions[at];
    if (sorting == kRpcl) return {s.resolution, p.y, p.x, s.component, s.precinct};
    if (sorting == kPcrl) return {p.y, p.x, s.component, s.resolution, s.precinct};
    return {s.component, p.y, p.x, s.resolution, s.precinct};
  };
  std::sort(order.begin(), order.end(),
            [&key](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  return order;
}

// False where the walk ends for another reason than that there are no more packets.
bool J2kProgressionWalk::count() {
  constexpr std::uint64_t kBetweenChecks = 4096;
  if (visits_++ % kBetweenChecks == 0) status_ = deadline_.check();
  return status_.has_value();
}

bool J2kProgressionWalk::count_vain() {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 24;
  if (++in_vain_ > kMost + stops_.size()) {
    status_ = fail(ErrorKind::too_large, "The image takes more time than this server allows",
                   "JPEG 2000: changes of progression over the same packets again and again");
    return false;
  }
  return count();
}

bool J2kProgressionWalk::open_volume(const J2kProgressionVolume& volume) {
  layers_outside_ =
      volume.progression == J2kProgression::lrcp || volume.progression == J2kProgression::rlcp;
  end_layer_ = volume.end_layer;
  selected_.clear();
  groups_.clear();
  int last_resolution = -1;
  for (const std::uint32_t at : order(volume.progression)) {
    if (!count_vain()) return false;
    const Stop& stop = stops_[at];
    const bool is_in = stop.component >= volume.first_component &&
                       stop.component < volume.end_component &&
                       stop.resolution >= volume.first_resolution &&
                       stop.resolution < volume.end_resolution && stop.next_layer < end_layer_;
    if (!is_in) continue;
    selected_.push_back(at);
    if (groups_.empty() ||
        (volume.progression == J2kProgression::rlcp && stop.resolution != last_resolution)) {
      groups_.push_back({0, stop.next_layer});
    }
    last_resolution = stop.resolution;
    Group& group = groups_.back();
    group = {selected_.size(), std::min<int>(group.first_layer, stop.next_layer)};
  }
  if (selected_.empty()) return true;
  group_ = 0;
  stop_ = 0;
  layer_ = layers_outside_ ? groups_.front().first_layer : stops_[selected_.front()].next_layer;
  is_open_ = true;
  return true;
}

// To the next pair of stop and layer; false where the volume ends.
bool J2kProgressionWalk::step() {
  if (!layers_outside_) {
    if (++layer_ < end_layer_) return true;
    if (++stop_ == selected_.size()) return false;
    layer_ = stops_[selected_[stop_]].next_layer;
    return true;
  }
  const std::size_t begin = group_ == 0 ? 0 : groups_[group_ - 1].end;
  if (++stop_ < groups_[group_].end) return true;
  if (++layer_ < end_layer_) {
    stop_ = begin;
    return true;
  }
  if (++group_ == groups_.size()) return false;
  layer_ = groups_[group_].first_layer;
  return true;
}

bool J2kProgressionWalk::next(J2kPacketPlace& place) {
  while (status_) {
    if (!is_open_) {
      if (volume_ == volumes_.size()) return false;
      if (!open_volume(volumes_[volume_++])) return false;
      if (!is_open_) continue;
    } else if (!step()) {
      is_open_ = false;
      continue;
    }
    Stop& stop = stops_[selected_[stop_]];
    if (layer_ != stop.next_layer) {
      if (!count_vain()) return false;
      continue;
    }
    if (!count()) return false;
    ++stop.next_layer;
    place = {stop.component, stop.resolution, stop.precinct, layer_};
    return true;
  }
  return false;
}

}  // namespace iip

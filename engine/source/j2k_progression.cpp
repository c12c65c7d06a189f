#include "engine/source/j2k_progression.h"

#include <algorithm>
#include <array>

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
    for (int r = 0; r <= coding.components[c].levels; ++r) {
      geometry[c].push_back(j2k_resolution(rect, coding.components[c], r));
    }
  }
  return geometry;
}

J2kProgressionWalk::J2kProgressionWalk(const J2kHeader& header, const J2kCoding& coding,
                                       const Rect& tile, const J2kTileGeometry& geometry)
    : header_(header), tile_(tile), geometry_(geometry), volumes_(coding.changes) {
  J2kProgressionVolume all;
  all.end_layer = coding.layers;
  all.end_resolution = 33;
  all.end_component = static_cast<int>(geometry.size());
  all.progression = coding.progression;
  for (J2kProgressionVolume& volume : volumes_) {
    volume.end_layer = std::min(volume.end_layer, all.end_layer);
    volume.end_resolution = std::min(volume.end_resolution, all.end_resolution);
    volume.end_component = std::min(volume.end_component, all.end_component);
  }
  if (volumes_.empty()) volumes_.push_back(all);
  next_layers_.resize(geometry.size());
  for (std::size_t c = 0; c < geometry.size(); ++c) {
    for (const J2kResolution& resolution : geometry[c]) {
      next_layers_[c].emplace_back(static_cast<std::size_t>(resolution.precincts.count()));
    }
  }
}

int& J2kProgressionWalk::next_layer(const Stop& stop) {
  return next_layers_[static_cast<std::size_t>(stop.component)][static_cast<std::size_t>(
      stop.resolution)][static_cast<std::size_t>(stop.precinct)];
}

void J2kProgressionWalk::open_volume(const J2kProgressionVolume& volume) {
  stops_.clear();
  group_ends_.clear();
  for (int c = volume.first_component; c < volume.end_component; ++c) {
    const J2kComponent& component = header_.components[static_cast<std::size_t>(c)];
    const auto& resolutions = geometry_[static_cast<std::size_t>(c)];
    const int end = std::min(volume.end_resolution, static_cast<int>(resolutions.size()));
    for (int r = volume.first_resolution; r < end; ++r) {
      const J2kResolution& resolution = resolutions[static_cast<std::size_t>(r)];
      const J2kGrid& grid = resolution.precincts;
      const int halvings = static_cast<int>(resolutions.size()) - 1 - r;
      for (std::int64_t i = 0; i < grid.count(); ++i) {
        stops_.push_back({precinct_start(grid.top + i / grid.across, grid.height_log2,
                                         resolution.rect.y, halvings, component.dy, tile_.y),
                          precinct_start(grid.left + i % grid.across, grid.width_log2,
                                         resolution.rect.x, halvings, component.dx, tile_.x),
                          i, c, r});
      }
    }
  }
  using Key = std::array<std::int64_t, 5>;
  const auto key = [&volume](const Stop& s) -> Key {
    switch (volume.progression) {
      case J2kProgression::lrcp:
      case J2kProgression::rlcp:
        return {s.resolution, s.component, s.precinct, 0, 0};
      case J2kProgression::rpcl:
        return {s.resolution, s.y, s.x, s.component, s.precinct};
      case J2kProgression::pcrl:
        return {s.y, s.x, s.component, s.resolution, s.precinct};
      case J2kProgression::cprl:
        break;
    }
    return {s.component, s.y, s.x, s.resolution, s.precinct};
  };
  std::sort(stops_.begin(), stops_.end(),
            [&key](const Stop& a, const Stop& b) { return key(a) < key(b); });

  layers_outside_ =
      volume.progression == J2kProgression::lrcp || volume.progression == J2kProgression::rlcp;
  for (std::size_t i = 1; i <= stops_.size(); ++i) {
    const bool ends = i == stops_.size() || (volume.progression == J2kProgression::rlcp &&
                                             stops_[i].resolution != stops_[i - 1].resolution);
    if (ends) group_ends_.push_back(i);
  }
  end_layer_ = volume.end_layer;
  group_ = 0;
  stop_ = 0;
  layer_ = 0;
  is_open_ = true;
}

// To the next pair of stop and layer; false where the volume ends.
bool J2kProgressionWalk::step() {
  if (!layers_outside_) {
    if (++layer_ < end_layer_) return true;
    layer_ = 0;
    return ++stop_ < stops_.size();
  }
  const std::size_t begin = group_ == 0 ? 0 : group_ends_[group_ - 1];
  if (++stop_ < group_ends_[group_]) return true;
  if (++layer_ < end_layer_) {
    stop_ = begin;
    return true;
  }
  layer_ = 0;
  return ++group_ < group_ends_.size();
}

bool J2kProgressionWalk::next(J2kPacketPlace& place) {
  for (;;) {
    if (!is_open_) {
      if (volume_ == volumes_.size()) return false;
      open_volume(volumes_[volume_++]);
      if (stops_.empty() || end_layer_ == 0) {
        is_open_ = false;
        continue;
      }
    } else if (!step()) {
      is_open_ = false;
      continue;
    }
    const Stop& stop = stops_[stop_];
    int& expected = next_layer(stop);
    if (layer_ != expected) continue;
    ++expected;
    place = {stop.component, stop.resolution, stop.precinct, layer_};
    return true;
  }
}

}  // namespace iip

#include "engine/plan/region.h"

#include <cmath>
#include <optional>

namespace iip {

namespace {

// What a region covers along one axis.
struct Extent {
  std::int64_t begin;
  std::int64_t end;
};

// `start` and `length` in pixels; cut at `side`.
std::optional<Extent> extent(std::uint64_t start, std::uint64_t length, std::int64_t side) {
  const auto limit = static_cast<std::uint64_t>(side);
  if (start >= limit || length == 0) return std::nullopt;
  return Extent{static_cast<std::int64_t>(start),
                static_cast<std::int64_t>(start + std::min(length, limit - start))};
}

// `start` and `length` in parts of which the side has `whole`. Each edge is rounded once; what
// starts inside the image covers at least one pixel.
std::optional<Extent> extent_of_parts(double start, double length, double whole,
                                      std::int64_t side) {
  if (!(start >= 0) || !(start < whole) || !(length > 0)) return std::nullopt;
  const auto limit = static_cast<double>(side);
  const auto edge = [&](double parts) {
    return static_cast<std::int64_t>(std::min(std::round(parts * limit / whole), limit));
  };
  const std::int64_t begin = std::min(edge(start), side - 1);
  return Extent{begin, std::max(edge(start + length), begin + 1)};
}

Result<Rect> rect_of(const std::optional<Extent>& across, const std::optional<Extent>& down) {
  if (!across || !down) {
    return fail(ErrorKind::malformed, "The region is empty or lies outside the image");
  }
  return Rect{across->begin, down->begin, across->end - across->begin, down->end - down->begin};
}

struct ToPixels {
  const Size& full;

  Result<Rect> operator()(const WholeImage&) const { return Rect::of(full); }

  Result<Rect> operator()(const CentredSquare&) const {
    const std::int64_t side = std::min(full.width, full.height);
    return Rect{(full.width - side) / 2, (full.height - side) / 2, side, side};
  }

  Result<Rect> operator()(const PixelRegion& region) const {
    return rect_of(extent(region.x, region.width, full.width),
                   extent(region.y, region.height, full.height));
  }

  Result<Rect> operator()(const PercentRegion& region) const {
    return rect_of(extent_of_parts(region.x, region.width, 100, full.width),
                   extent_of_parts(region.y, region.height, 100, full.height));
  }

  // Each number is held to 0 ... 1 for itself, as IIP servers have always done.
  Result<Rect> operator()(const FractionRegion& region) const {
    const auto held = [](double value) { return std::clamp(value, 0.0, 1.0); };
    return rect_of(extent_of_parts(held(region.x), held(region.width), 1, full.width),
                   extent_of_parts(held(region.y), held(region.height), 1, full.height));
  }

  template <class Tile>
  Result<Rect> operator()(const Tile&) const {
    return fail(ErrorKind::internal, "A tile is not a free region");
  }
};

}  // namespace

Result<Rect> region_in_pixels(const Region& region, const Size& full) {
  return std::visit(ToPixels{full}, region);
}

}  // namespace iip

#include "engine/source/oriented_source.h"

#include <array>

#include "engine/image/orient.h"

namespace iip {

namespace {

// From what is stored to what is seen: a left-right mirror, then clockwise quarter turns.
struct Turn {
  bool mirror;
  int quarters;
};

// TIFF 6.0, tag 274. 6, say: the first row is seen at the right, the first column on top.
constexpr std::array<Turn, 9> kTurns{{{false, 0},
                                      {false, 0},
                                      {true, 0},
                                      {false, 2},
                                      {true, 2},
                                      {true, 3},
                                      {false, 1},
                                      {true, 1},
                                      {false, 3}}};

bool swaps_axes(int orientation) { return orientation >= 5; }

Size seen_size(const Size& stored, int orientation) {
  return swaps_axes(orientation) ? Size{stored.height, stored.width} : stored;
}

ImageInfo seen_info(ImageInfo info, int orientation) {
  if (!swaps_axes(orientation)) return info;
  for (Level& level : info.levels) {
    level.size = seen_size(level.size, orientation);
    level.tile = seen_size(level.tile, orientation);
  }
  if (info.density) std::swap(info.density->x, info.density->y);
  return info;
}

// Where the part `rect` of what is seen, of the size `seen`, is stored: the turn undone, then the
// mirror.
Rect stored_rect(const Rect& rect, const Size& seen, const Turn& turn) {
  Rect out = rect;
  switch (turn.quarters) {
    case 1:
      out = {rect.y, seen.width - rect.right(), rect.height, rect.width};
      break;
    case 2:
      out = {seen.width - rect.right(), seen.height - rect.bottom(), rect.width, rect.height};
      break;
    case 3:
      out = {seen.height - rect.bottom(), rect.x, rect.height, rect.width};
      break;
    default:
      break;
  }
  const std::int64_t stored_width = turn.quarters % 2 == 0 ? seen.width : seen.height;
  if (turn.mirror) out.x = stored_width - out.right();
  return out;
}

}  // namespace

std::shared_ptr<const Source> OrientedSource::wrap(std::shared_ptr<const Source> stored,
                                                   int orientation) {
  if (orientation <= 1 || orientation > 8) return stored;
  return std::make_shared<const OrientedSource>(std::move(stored), orientation);
}

OrientedSource::OrientedSource(std::shared_ptr<const Source> stored, int orientation)
    : Source(seen_info(stored->info(), orientation)),
      stored_(std::move(stored)),
      orientation_(orientation) {}

Effort OrientedSource::effort(std::size_t level, const Rect& rect) const {
  const Turn& turn = kTurns[static_cast<std::size_t>(orientation_)];
  return stored_->effort(level, stored_rect(rect, info_.levels[level].size, turn));
}

Result<Raster> OrientedSource::read(const ReadContext& context, std::size_t level,
                                    const Rect& rect) const {
  if (level >= info_.levels.size()) {
    return fail(ErrorKind::internal, "The request failed", "read of a level that is not there");
  }
  const Turn& turn = kTurns[static_cast<std::size_t>(orientation_)];
  const Rect stored = stored_rect(rect, info_.levels[level].size, turn);
  Result<Raster> raster = stored_->read(context, level, stored);
  if (!raster) return raster;
  return mirror_and_turn(std::move(*raster), turn.mirror, turn.quarters, context.allowance());
}

}  // namespace iip

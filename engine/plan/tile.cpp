#include "engine/plan/tile.h"

#include <string>

#include "engine/image/computed_pyramid.h"
#include "engine/image/presentation.h"

namespace iip {

namespace {

ComputedPyramid pyramid_of(const ComputedTile& tile, const Size& full, std::int64_t side) {
  return tile.pyramid == ComputedTile::Pyramid::ceil_to_one_pixel
             ? ComputedPyramid::up_to_one_pixel(full)
             : ComputedPyramid::down_to_one_tile(full, side);
}

// A tile along one axis: its length in the level, and what it covers of the full image.
struct Strip {
  std::int64_t length;
  std::int64_t full_begin;
  std::int64_t full_end;
};

// Tile `index` of a level `level` pixels long. The last tile reaches to the border of the image,
// whichever way the level's length was rounded.
Strip strip(std::int64_t index, std::int64_t tile, std::int64_t level, std::int64_t scale,
            std::int64_t full) {
  const std::int64_t begin = index * tile;
  const std::int64_t end = std::min(begin + tile, level);
  return {end - begin, begin * scale, end == level ? full : end * scale};
}

tl::unexpected<Error> no_such_tile(std::int64_t columns, std::int64_t rows) {
  return fail(ErrorKind::not_found, "The level has no such tile; it has " +
                                        std::to_string(columns) + " columns and " +
                                        std::to_string(rows) + " rows");
}

}  // namespace

Result<LevelTile> native_tile(const NativeTile& tile, const ImageInfo& info) {
  if (tile.resolution >= info.levels.size()) {
    return fail(ErrorKind::not_found, "The image has no such resolution; it has 0 to " +
                                          std::to_string(info.levels.size() - 1));
  }
  const std::size_t index = info.level_of_resolution(static_cast<std::size_t>(tile.resolution));
  const Level level = native_level(info, index);
  if (tile.index >= static_cast<std::uint64_t>(level.tile_count())) {
    return fail(ErrorKind::not_found, "The resolution has no such tile; it has 0 to " +
                                          std::to_string(level.tile_count() - 1));
  }
  return LevelTile{index, level.tile_rect(static_cast<std::int64_t>(tile.index))};
}

Result<Delivery> deliver(const ComputedTile& tile, const ImageInfo& info) {
  const Size& full = info.size();
  const std::int64_t side = presented_square_tile(info);
  const ComputedPyramid pyramid = pyramid_of(tile, full, side);
  const auto level = pyramid.level_size(tile.level);
  if (!level) {
    return fail(ErrorKind::not_found, "The image has no such level; it has 0 to " +
                                          std::to_string(pyramid.level_count() - 1));
  }
  const std::int64_t columns = ceil_div(level->width, side);
  const std::int64_t rows = ceil_div(level->height, side);
  if (tile.column >= static_cast<std::uint64_t>(columns) ||
      tile.row >= static_cast<std::uint64_t>(rows)) {
    return no_such_tile(columns, rows);
  }
  const std::int64_t scale = pyramid.scale(tile.level);
  const Strip across =
      strip(static_cast<std::int64_t>(tile.column), side, level->width, scale, full.width);
  const Strip down =
      strip(static_cast<std::int64_t>(tile.row), side, level->height, scale, full.height);

  Delivery delivery;
  delivery.region = {across.full_begin, down.full_begin, across.full_end - across.full_begin,
                     down.full_end - down.full_begin};
  delivery.scaled = {across.length, down.length};
  return delivery;
}

}  // namespace iip

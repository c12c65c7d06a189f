// The tile requests that viewers make, for images and tiles of awkward sizes, planned on pyramids
// that were rounded down and up. The arithmetic of each viewer is written out here, in its own
// terms.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <ostream>
#include <vector>

#include "engine/image/presentation.h"
#include "engine/plan/plan.h"
#include "pyramids.h"

namespace iip {
namespace {

using test::Halving;

struct Case {
  Size full;
  Size tile;
  Halving halving;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.full.width << "x" << c.full.height << " in " << c.tile.width << "x"
             << c.tile.height << (c.halving == Halving::up ? " up" : " down");
}

std::uint64_t u64(std::int64_t value) { return static_cast<std::uint64_t>(value); }

class Viewers : public ::testing::TestWithParam<Case> {
 protected:
  const ImageInfo info = test::pyramid(GetParam().full, GetParam().tile, GetParam().halving);
  const Size full = info.size();
  Settings settings;

  static SizeRequest size(SizeRequest::Form form, std::int64_t width, std::int64_t height) {
    return {form,
            u64(width),
            u64(height),
            100,
            SizeRequest::Enlarging::refused,
            SizeRequest::OverLimit::refused};
  }

  Plan plan(const Region& region, const SizeRequest& wanted) const {
    ImageRequest request;
    request.region = region;
    request.size = wanted;
    auto made = make_plan(request, info, settings);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? *made : Plan{};
  }

  // Calls `visit(column, row, scale)` for the tiles of the grid at each scale until the image fits
  // one tile. Of long rows only the first and last few tiles: the others differ in nothing.
  static void for_grid(const Size& image, const Size& tile,
                       const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& visit) {
    for (std::int64_t scale = 1;; scale *= 2) {
      const std::int64_t columns = ceil_div(image.width, tile.width * scale);
      const std::int64_t rows = ceil_div(image.height, tile.height * scale);
      for (std::int64_t row = 0; row < rows; ++row) {
        if (row >= 3 && row < rows - 3) continue;
        for (std::int64_t column = 0; column < columns; ++column) {
          if (column >= 3 && column < columns - 3) continue;
          visit(column, row, scale);
        }
      }
      if (columns == 1 && rows == 1) return;
    }
  }

  // The region of a tile, cut at the border of the image.
  Rect cut(std::int64_t column, std::int64_t row, std::int64_t scale, const Size& tile) const {
    const Rect whole{column * tile.width * scale, row * tile.height * scale, tile.width * scale,
                     tile.height * scale};
    return intersect(whole, Rect::of(full));
  }

  static PixelRegion region(const Rect& rect) {
    return {u64(rect.x), u64(rect.y), u64(rect.width), u64(rect.height)};
  }

  // Away from the right and bottom borders a tile of the image's own grid is read from the level of
  // its scale, as a stored tile.
  void expect_stored_tile(const Plan& made, std::int64_t column, std::int64_t row,
                          std::int64_t scale) const {
    const auto level = static_cast<std::size_t>(std::log2(static_cast<double>(scale)));
    const Rect whole{column * info.levels[0].tile.width * scale,
                     row * info.levels[0].tile.height * scale, info.levels[0].tile.width * scale,
                     info.levels[0].tile.height * scale};
    if (presented_tile(info) != info.levels[0].tile || level >= info.levels.size() ||
        whole.right() >= full.width || whole.bottom() >= full.height) {
      return;
    }
    EXPECT_EQ(made.level, level);
    EXPECT_TRUE(made.tile.has_value());
    EXPECT_EQ(made.tile.value_or(-1), row * info.levels[level].tiles_across() + column);
    EXPECT_TRUE(made.passthrough);
  }

  // A tile at the border is not stretched or squeezed by more than the rounding of two sizes.
  static void expect_little_distortion(const Plan& made) {
    EXPECT_GE(made.source.width, 1);
    EXPECT_GE(made.source.height, 1);
    if (made.level == 0) return;
    EXPECT_LT(static_cast<double>(made.delivery.scaled.width) - made.source.width, 2);
    EXPECT_LT(static_cast<double>(made.delivery.scaled.height) - made.source.height, 2);
  }
};

// OpenSeadragon without matching sizes, OpenLayers, Leaflet-IIIF with API 3: x,y,w,h/w,h, rounded
// up.
TEST_P(Viewers, AskForBothSidesRoundedUp) {
  const Size tile = presented_tile(info);
  for_grid(full, tile, [&](std::int64_t column, std::int64_t row, std::int64_t scale) {
    const Rect rect = cut(column, row, scale, tile);
    const Size wanted{ceil_div(rect.width, scale), ceil_div(rect.height, scale)};
    const Plan made =
        plan(region(rect), size(SizeRequest::Form::exact, wanted.width, wanted.height));
    SCOPED_TRACE(::testing::Message() << column << "," << row << " at " << scale);
    EXPECT_EQ(made.delivery.scaled, wanted);
    EXPECT_EQ(made.delivery.region, rect);
    expect_stored_tile(made, column, row, scale);
    expect_little_distortion(made);
  });
}

// The same with API 2: x,y,w,h/w, and ,h. They expect the other side to be rounded up too.
// An image one pixel wide gives its last tiles the same URL at several scales; the largest size is
// the one to expect.
TEST_P(Viewers, AskForOneSideRoundedUp) {
  const Size tile = presented_tile(info);
  using Asked = std::array<std::int64_t, 5>;
  std::map<Asked, Size> by_width;
  std::map<Asked, Size> by_height;
  for_grid(full, tile, [&](std::int64_t column, std::int64_t row, std::int64_t scale) {
    const Rect rect = cut(column, row, scale, tile);
    const Size wanted{ceil_div(rect.width, scale), ceil_div(rect.height, scale)};
    SCOPED_TRACE(::testing::Message() << column << "," << row << " at " << scale);
    const auto [of_width, new_width] =
        by_width.emplace(Asked{rect.x, rect.y, rect.width, rect.height, wanted.width}, wanted);
    const Plan made = plan(region(rect), size(SizeRequest::Form::width, wanted.width, 0));
    EXPECT_EQ(made.delivery.scaled, of_width->second);
    if (new_width) expect_stored_tile(made, column, row, scale);
    const auto [of_height, new_height] =
        by_height.emplace(Asked{rect.x, rect.y, rect.width, rect.height, wanted.height}, wanted);
    EXPECT_EQ(plan(region(rect), size(SizeRequest::Form::height, 0, wanted.height)).delivery.scaled,
              of_height->second);
  });
}

// dezoomify-rs: x,y,w,h/w,h rounded down. What rounds to nothing can not be asked for.
TEST_P(Viewers, AskForBothSidesRoundedDown) {
  const Size tile = presented_tile(info);
  for_grid(full, tile, [&](std::int64_t column, std::int64_t row, std::int64_t scale) {
    const Rect rect = cut(column, row, scale, tile);
    const Size wanted{rect.width / scale, rect.height / scale};
    if (wanted.empty()) return;
    SCOPED_TRACE(::testing::Message() << column << "," << row << " at " << scale);
    const Plan made =
        plan(region(rect), size(SizeRequest::Form::exact, wanted.width, wanted.height));
    EXPECT_EQ(made.delivery.scaled, wanted);
    expect_stored_tile(made, column, row, scale);
    expect_little_distortion(made);
  });
}

// IIPMooViewer: the tile's rectangle is not cut at the border, and the size is a box: max at full
// size, !tw,th below it.
TEST_P(Viewers, AskForOversizeRegionsInABox) {
  const Size tile = presented_tile(info);
  for_grid(full, tile, [&](std::int64_t column, std::int64_t row, std::int64_t scale) {
    const Rect whole{column * tile.width * scale, row * tile.height * scale, tile.width * scale,
                     tile.height * scale};
    const Rect rect = intersect(whole, Rect::of(full));
    SCOPED_TRACE(::testing::Message() << column << "," << row << " at " << scale);
    if (scale == 1) {
      EXPECT_EQ(plan(region(whole), size(SizeRequest::Form::natural, 0, 0)).delivery.scaled,
                rect.size());
      return;
    }
    const Plan made =
        plan(region(whole), size(SizeRequest::Form::confined, tile.width, tile.height));
    EXPECT_EQ(made.delivery.region, rect);
    EXPECT_LE(made.delivery.scaled.width, tile.width);
    EXPECT_LE(made.delivery.scaled.height, tile.height);
    // It fills the box, or is the region itself.
    EXPECT_TRUE(made.delivery.scaled.width == tile.width ||
                made.delivery.scaled.height == tile.height || made.delivery.scaled == rect.size());
    expect_stored_tile(made, column, row, scale);
  });
}

// DeepZoom: each level is half the next, rounded up, down to one pixel.
TEST_P(Viewers, AskForDeepZoomTiles) {
  const std::int64_t side = presented_square_tile(info);
  std::vector<Size> levels{full};
  while (levels.back() != Size{1, 1}) {
    levels.push_back({(levels.back().width + 1) / 2, (levels.back().height + 1) / 2});
  }
  for (std::size_t down = 0; down < levels.size(); ++down) {
    const Size level = levels[down];
    const std::uint64_t number = levels.size() - 1 - down;
    const std::int64_t columns = ceil_div(level.width, side);
    const std::int64_t rows = ceil_div(level.height, side);
    for (std::int64_t row = 0; row < rows; ++row) {
      if (row >= 3 && row < rows - 3) continue;
      for (std::int64_t column = 0; column < columns; ++column) {
        if (column >= 3 && column < columns - 3) continue;
        SCOPED_TRACE(::testing::Message() << number << "/" << column << "_" << row);
        const Plan made = plan(
            ComputedTile{ComputedTile::Pyramid::ceil_to_one_pixel, number, u64(column), u64(row)},
            {});
        const Size wanted{std::min(side, level.width - column * side),
                          std::min(side, level.height - row * side)};
        EXPECT_EQ(made.delivery.scaled, wanted);
        if (info.levels[0].tile == Size{side, side}) {
          expect_stored_tile(made, column, row, std::int64_t{1} << down);
        }
        expect_little_distortion(made);
      }
    }
  }
}

// Zoomify: each tier is half the next, rounded down, until one fits a tile.
TEST_P(Viewers, AskForZoomifyTiles) {
  const std::int64_t side = presented_square_tile(info);
  std::vector<Size> tiers{full};
  while (tiers.back().width > side || tiers.back().height > side) {
    tiers.push_back({std::max<std::int64_t>(1, tiers.back().width / 2),
                     std::max<std::int64_t>(1, tiers.back().height / 2)});
  }
  for (std::size_t down = 0; down < tiers.size(); ++down) {
    const Size tier = tiers[down];
    const std::int64_t columns = ceil_div(tier.width, side);
    const std::int64_t rows = ceil_div(tier.height, side);
    for (std::int64_t row = 0; row < rows; ++row) {
      if (row >= 3 && row < rows - 3) continue;
      for (std::int64_t column = 0; column < columns; ++column) {
        if (column >= 3 && column < columns - 3) continue;
        SCOPED_TRACE(::testing::Message() << down << " down: " << column << "-" << row);
        const Plan made = plan(ComputedTile{ComputedTile::Pyramid::floor_to_one_tile,
                                            tiers.size() - 1 - down, u64(column), u64(row)},
                               {});
        const Size wanted{std::min(side, tier.width - column * side),
                          std::min(side, tier.height - row * side)};
        EXPECT_EQ(made.delivery.scaled, wanted);
        // On a pyramid that was rounded down as well, tiles at the border are stored tiles too.
        const bool same_pyramid =
            GetParam().halving == Halving::down && info.levels[0].tile == Size{side, side};
        if (same_pyramid) {
          EXPECT_EQ(made.level, down);
          EXPECT_EQ(made.tile.value_or(-1), row * columns + column);
          EXPECT_TRUE(made.passthrough);
        }
        expect_little_distortion(made);
      }
    }
  }
}

// Every level asked for whole: by both sides it is a copy; by the width that info.json lists, it
// has the height that goes with it there. Levels that fit one tile are listed rounded up.
TEST_P(Viewers, AskForListedSizes) {
  settings.max_cvt = 40000;
  const Size tile = presented_tile_within(info, settings.max_cvt);
  std::vector<Size> listed;
  for (std::size_t level = 0; level < info.levels.size(); ++level) {
    const std::int64_t scale = std::int64_t{1} << level;
    const Size rounded_up{ceil_div(full.width, scale), ceil_div(full.height, scale)};
    const bool is_one_tile = rounded_up.width <= tile.width && rounded_up.height <= tile.height;
    listed.push_back(is_one_tile ? rounded_up : info.levels[level].size);
  }
  for (std::size_t level = 0; level < info.levels.size(); ++level) {
    const Size stored = info.levels[level].size;
    const Plan both =
        plan(WholeImage{}, size(SizeRequest::Form::exact, stored.width, stored.height));
    EXPECT_EQ(both.delivery.scaled, stored);
    EXPECT_TRUE(both.is_copy());
    const Size wanted = listed[level];
    const auto repeats = [&](const Size& other) { return other.width == wanted.width; };
    if (std::count_if(listed.begin(), listed.end(), repeats) > 1) continue;
    const Plan by_width = plan(WholeImage{}, size(SizeRequest::Form::width, wanted.width, 0));
    EXPECT_EQ(by_width.delivery.scaled, wanted);
    if (wanted == stored) {
      EXPECT_EQ(by_width.level, level);
    }
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Size& full : {Size{1, 1}, Size{1, 5000}, Size{257, 513}, Size{513, 257},
                           Size{1000, 701}, Size{4097, 4095}, Size{32768, 24576}}) {
    for (const Size& tile : {Size{16, 16}, Size{256, 256}, Size{240, 112}, Size{1024, 1024}}) {
      for (const Halving halving : {Halving::down, Halving::up}) {
        cases.push_back({full, tile, halving});
      }
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(AwkwardSizes, Viewers, ::testing::ValuesIn(all_cases()));

}  // namespace
}  // namespace iip

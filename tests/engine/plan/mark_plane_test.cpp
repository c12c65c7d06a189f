#include "engine/plan/mark_plane.h"

#include <gtest/gtest.h>

#include "pyramids.h"

namespace iip {
namespace {

using test::Halving;

class MarkPlaneTest : public ::testing::Test {
 protected:
  MarkPlane of(const Region& region, std::uint64_t width = 0) {
    ImageRequest request;
    request.region = region;
    if (width != 0) {
      request.size.form = SizeRequest::Form::width;
      request.size.width = width;
    }
    const auto plan = make_plan(request, info, settings);
    EXPECT_TRUE(plan.has_value());
    return mark_plane(*plan, info);
  }

  ImageInfo info = test::pyramid({5001, 3003}, {256, 256}, Halving::down);
  Settings settings;
};

TEST_F(MarkPlaneTest, NativeTilesLieInTheirLevel) {
  const auto resolutions = static_cast<std::uint64_t>(info.levels.size());
  const MarkPlane full = of(NativeTile{resolutions - 1, 21});
  EXPECT_EQ(full.size, (Size{5001, 3003}));
  EXPECT_EQ(full.part, (Rect{256, 256, 256, 256}));
  EXPECT_EQ(full.block, 512);
  const MarkPlane half = of(NativeTile{resolutions - 2, 9});
  EXPECT_EQ(half.size, (Size{2500, 1501}));
  EXPECT_EQ(half.part, (Rect{2304, 0, 196, 256}));
}

// A viewer's tiles at every power of two, those at the edges too.
TEST_F(MarkPlaneTest, ViewersTilesLieSideBySide) {
  for (const std::int64_t scale : {1, 2, 4, 8}) {
    Size plane;
    const std::int64_t step = 256 * scale;
    for (std::int64_t y = 0; y < info.size().height; y += step) {
      for (std::int64_t x = 0; x < info.size().width; x += step) {
        const std::int64_t width = std::min(step, info.size().width - x);
        const PixelRegion region{static_cast<std::uint64_t>(x), static_cast<std::uint64_t>(y),
                                 static_cast<std::uint64_t>(width),
                                 static_cast<std::uint64_t>(step)};
        const MarkPlane tile = of(region, static_cast<std::uint64_t>(ceil_div(width, scale)));
        if (plane.empty()) plane = tile.size;
        EXPECT_EQ(tile.size, plane) << scale << ' ' << x << ' ' << y;
        EXPECT_EQ(tile.part.x, x / scale);
        EXPECT_EQ(tile.part.y, y / scale);
      }
    }
  }
}

TEST_F(MarkPlaneTest, RegionsAgreeWithTilesAndTheWhole) {
  const MarkPlane whole = of(WholeImage{}, 2501);
  const MarkPlane region = of(PixelRegion{1000, 600, 1400, 800}, 700);
  EXPECT_EQ(whole.size, region.size);
  EXPECT_EQ(whole.part, (Rect{0, 0, 2501, 1502}));
  EXPECT_EQ(region.part, (Rect{500, 300, 700, 400}));
}

TEST_F(MarkPlaneTest, OtherScalesHaveAPlaneOfTheirOwn) {
  const MarkPlane small = of(WholeImage{}, 300);
  EXPECT_EQ(small.size, small.part.size());
  const MarkPlane part = of(PixelRegion{1000, 1000, 1000, 1000}, 300);
  EXPECT_EQ(part.size, (Size{1500, 901}));
  EXPECT_EQ(part.part, (Rect{300, 300, 300, 300}));
}

TEST_F(MarkPlaneTest, AMarkKeepsStoredTilesFromPassingThrough) {
  ImageRequest request;
  request.region = NativeTile{info.levels.size() - 1, 0};
  EXPECT_TRUE(make_plan(request, info, settings)->passthrough);
  // Never looked at: any address will do.
  settings.watermarking.mark = reinterpret_cast<const Watermark*>(&info);
  EXPECT_FALSE(make_plan(request, info, settings)->passthrough);
  settings.watermarking.opacity = 0;
  EXPECT_TRUE(make_plan(request, info, settings)->passthrough);
}

TEST_F(MarkPlaneTest, WhatThePictureSaysIsPartOfThePlan) {
  const auto digest = [&](const Region& region) {
    ImageRequest request;
    request.region = region;
    Hasher hasher;
    make_plan(request, info, settings)->add_to(hasher);
    return hasher.digest();
  };
  const PixelRegion region{0, 0, 700, 700};
  const NativeTile tile{info.levels.size() - 1, 0};
  const Digest before = digest(region);
  const Digest tile_before = digest(tile);
  settings.copyright = "A Museum";
  EXPECT_NE(digest(region), before);
  EXPECT_EQ(digest(tile), tile_before);  // tiles say nothing
  info.metadata.rights = "The file's own";
  EXPECT_EQ(digest(region), before);
}

}  // namespace
}  // namespace iip

#include "engine/image/presentation.h"

#include <gtest/gtest.h>

#include "pyramids.h"

namespace iip {
namespace {

ImageInfo tiled(const Size& tile) { return test::pyramid({4000, 3000}, tile, test::Halving::down); }

TEST(Presentation, TilesOfAUsableSizeArePresentedAsTheyAre) {
  EXPECT_EQ(presented_tile(tiled({256, 256})), (Size{256, 256}));
  EXPECT_EQ(presented_tile(tiled({240, 112})), (Size{240, 112}));
  EXPECT_EQ(presented_tile(tiled({1024, 1024})), (Size{1024, 1024}));
  EXPECT_EQ(presented_tile(tiled({16, 16})), (Size{256, 256}));
  EXPECT_EQ(presented_tile(tiled({4096, 4096})), (Size{256, 256}));
  EXPECT_EQ(presented_tile(test::untiled({4000, 3000})), (Size{256, 256}));
}

TEST(Presentation, NoPresentedTileIsOverTheLimit) {
  EXPECT_EQ(presented_tile_within(tiled({1024, 1024}), 5000), (Size{1024, 1024}));
  EXPECT_EQ(presented_tile_within(tiled({1024, 1024}), 1023), (Size{256, 256}));
  EXPECT_EQ(presented_tile_within(tiled({256, 256}), 200), (Size{128, 128}));
  EXPECT_EQ(presented_tile_within(tiled({240, 112}), 200), (Size{128, 128}));
  EXPECT_EQ(presented_tile_within(tiled({256, 256}), 1), (Size{1, 1}));
}

// 1000x701 halved downwards: 500x350, 250x175. 701 / 4 = 175.25
TEST(Presentation, ALevelOfOneTileIsPresentedRoundedUp) {
  const ImageInfo info = test::pyramid({1000, 701}, {256, 256}, test::Halving::down);
  EXPECT_EQ(presented_size(info, 0, {256, 256}), (Size{1000, 701}));
  EXPECT_EQ(presented_size(info, 1, {256, 256}), (Size{500, 350}));
  EXPECT_EQ(presented_size(info, 2, {256, 256}), (Size{250, 176}));
  EXPECT_EQ(presented_size(info, 2, {128, 128}), (Size{250, 175}));
  EXPECT_EQ(presented_size(info, 1, {512, 512}), (Size{500, 351}));
  // Not by a whole number.
  ImageInfo odd = info;
  odd.levels[2].size = {260, 182};
  EXPECT_EQ(presented_size(odd, 2, {512, 512}), (Size{260, 182}));
}

TEST(Presentation, SquareTilesArePowersOfTwo) {
  EXPECT_EQ(presented_square_tile(tiled({512, 512})), 512);
  EXPECT_EQ(presented_square_tile(tiled({240, 240})), 256);
  EXPECT_EQ(presented_square_tile(tiled({512, 256})), 256);
}

TEST(Presentation, NativeLevelsAllHaveTheStatedTileSize) {
  ImageInfo info = tiled({16, 16});
  info.levels[1].tile = {32, 32};
  EXPECT_EQ(native_level(info, 0).tile, (Size{16, 16}));
  EXPECT_EQ(native_level(info, 1).tile, (Size{16, 16}));
  EXPECT_EQ(native_level(info, 1).size, (Size{2000, 1500}));
  EXPECT_EQ(native_level(test::untiled({4000, 3000}), 0).tile, (Size{256, 256}));
}

}  // namespace
}  // namespace iip

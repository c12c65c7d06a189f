#include "engine/plan/plan.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "pyramids.h"

namespace iip {
namespace {

using test::Halving;

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

// The start of an ICC profile for the given colour space ("RGB ", "GRAY").
Bytes profile_for(const char* space, std::size_t size = 500) {
  ByteVector bytes(size);
  std::copy(space, space + 4, bytes.begin() + 16);
  return Bytes(std::move(bytes));
}

SizeRequest natural() {
  return {SizeRequest::Form::natural,     0, 0, 100, SizeRequest::Enlarging::refused,
          SizeRequest::OverLimit::refused};
}

SizeRequest exact(std::uint64_t width, std::uint64_t height) {
  return {SizeRequest::Form::exact,       width, height, 100, SizeRequest::Enlarging::refused,
          SizeRequest::OverLimit::refused};
}

ImageRequest picture(const Region& region, const SizeRequest& size = natural()) {
  ImageRequest request;
  request.region = region;
  request.size = size;
  return request;
}

class PlanTest : public ::testing::Test {
 protected:
  Plan plan(const ImageRequest& request) {
    auto made = make_plan(request, info, settings);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? *made : Plan{};
  }
  ErrorKind refusal(const ImageRequest& request) {
    const auto made = make_plan(request, info, settings);
    EXPECT_FALSE(made.has_value());
    return made ? ErrorKind::internal : made.error().kind;
  }
  Digest digest(const ImageRequest& request) {
    Hasher hasher;
    plan(request).add_to(hasher);
    return hasher.digest();
  }
  static void expect_source(const Plan& made, std::size_t level, const RectF& source) {
    EXPECT_EQ(made.level, level);
    EXPECT_DOUBLE_EQ(made.source.x, source.x);
    EXPECT_DOUBLE_EQ(made.source.y, source.y);
    EXPECT_DOUBLE_EQ(made.source.width, source.width);
    EXPECT_DOUBLE_EQ(made.source.height, source.height);
  }

  Settings settings;
  // 1000x701, 500x350, 250x175
  ImageInfo info = test::pyramid({1000, 701}, {256, 256}, Halving::down);
};

// ---- The level that is read
// ----------------------------------------------------------------------

TEST_F(PlanTest, ReadsTheSmallestLevelThatIsLargeEnough) {
  expect_source(plan(picture(WholeImage{}, exact(1000, 701))), 0, {0, 0, 1000, 701});
  expect_source(plan(picture(WholeImage{}, exact(501, 351))), 0, {0, 0, 1000, 701});
  expect_source(plan(picture(WholeImage{}, exact(500, 350))), 1, {0, 0, 500, 350});
  expect_source(plan(picture(WholeImage{}, exact(251, 176))), 1, {0, 0, 500, 350});
  expect_source(plan(picture(WholeImage{}, exact(250, 175))), 2, {0, 0, 250, 175});
  expect_source(plan(picture(WholeImage{}, exact(10, 7))), 2, {0, 0, 250, 175});
  // One axis needs more than the other.
  expect_source(plan(picture(WholeImage{}, exact(10, 600))), 0, {0, 0, 1000, 701});
}

TEST_F(PlanTest, MapsRegionsWithoutShift) {
  expect_source(plan(picture(PixelRegion{101, 30, 500, 400}, exact(250, 200))), 1,
                {50.5, 15, 250, 200});
  expect_source(plan(picture(PixelRegion{101, 30, 500, 400}, exact(100, 80))), 2,
                {25.25, 7.5, 125, 100});
  // The edge at the border of the image lies at the border of the level, 350 and not 350.5.
  expect_source(plan(picture(PixelRegion{100, 301, 500, 400}, exact(200, 160))), 1,
                {50, 150.5, 250, 199.5});
}

TEST_F(PlanTest, LevelsOfOtherRatiosAreMappedByTheirOwn) {
  info.levels = {{{900, 900}, {256, 256}}, {{300, 300}, {256, 256}}};
  expect_source(plan(picture(PixelRegion{90, 90, 300, 300}, exact(100, 100))), 1,
                {30, 30, 100, 100});
  info.levels = {{{1000, 1000}, {256, 256}}, {{400, 400}, {256, 256}}};
  expect_source(plan(picture(PixelRegion{100, 100, 500, 500}, exact(200, 200))), 1,
                {40, 40, 200, 200});
}

TEST_F(PlanTest, AStripNarrowerThanALevelPixelIsReadFromALargerLevel) {
  info = test::pyramid({513, 257}, {256, 256}, Halving::down);  // 513x257, 256x128
  // Column 512 is not in the level of 256 columns.
  const Plan made = plan(picture(PixelRegion{512, 0, 1, 257}, exact(1, 129)));
  expect_source(made, 0, {512, 0, 1, 257});
}

TEST_F(PlanTest, CopiesAreCopies) {
  EXPECT_TRUE(plan(picture(PixelRegion{13, 17, 100, 50})).is_copy());
  EXPECT_TRUE(plan(picture(PixelRegion{26, 34, 100, 50}, exact(50, 25))).is_copy());
  EXPECT_FALSE(plan(picture(PixelRegion{27, 34, 100, 50}, exact(50, 25))).is_copy());
  EXPECT_FALSE(plan(picture(PixelRegion{26, 34, 100, 50}, exact(49, 25))).is_copy());
}

// ---- Tiles by number
// -----------------------------------------------------------------------------

TEST_F(PlanTest, NativeTiles) {
  const Plan inner = plan(picture(NativeTile{2, 1}));
  expect_source(inner, 0, {256, 0, 256, 256});
  EXPECT_EQ(inner.tile, 1);
  EXPECT_TRUE(inner.passthrough);
  const Plan last = plan(picture(NativeTile{2, 11}));
  expect_source(last, 0, {768, 512, 232, 189});
  EXPECT_EQ(last.tile, 11);
  EXPECT_EQ(last.delivery.scaled, (Size{232, 189}));
  EXPECT_EQ(last.delivery.region, (Rect{768, 512, 232, 189}));
  const Plan smallest = plan(picture(NativeTile{0, 0}));
  expect_source(smallest, 2, {0, 0, 250, 175});
  EXPECT_EQ(smallest.delivery.region, (Rect{0, 0, 1000, 701}));

  EXPECT_EQ(refusal(picture(NativeTile{3, 0})), ErrorKind::not_found);
  EXPECT_EQ(refusal(picture(NativeTile{2, 12})), ErrorKind::not_found);
  EXPECT_EQ(refusal(picture(NativeTile{0, 1})), ErrorKind::not_found);
  EXPECT_EQ(refusal(picture(NativeTile{kHuge, 0})), ErrorKind::not_found);
  EXPECT_EQ(refusal(picture(NativeTile{0, kHuge})), ErrorKind::not_found);
}

TEST_F(PlanTest, NativeTilesOfAnUntiledImageAreThePresentedOnes) {
  info = test::untiled({1000, 701});
  const Plan last = plan(picture(NativeTile{0, 11}));
  expect_source(last, 0, {768, 512, 232, 189});
  EXPECT_EQ(refusal(picture(NativeTile{0, 12})), ErrorKind::not_found);
}

TEST_F(PlanTest, NativeTilesAreCountedByTheFullLevelsTileSize) {
  info.levels[1].tile = {128, 128};
  const Plan tile = plan(picture(NativeTile{1, 1}));
  expect_source(tile, 1, {256, 0, 244, 256});
  EXPECT_EQ(tile.tile, std::nullopt);
  EXPECT_FALSE(tile.passthrough);
}

TEST_F(PlanTest, ComputedTilesThatDoNotExist) {
  using Pyramid = ComputedTile::Pyramid;
  const auto deepzoom = [](std::uint64_t level, std::uint64_t column, std::uint64_t row) {
    return picture(ComputedTile{Pyramid::ceil_to_one_pixel, level, column, row});
  };
  const auto zoomify = [](std::uint64_t level, std::uint64_t column, std::uint64_t row) {
    return picture(ComputedTile{Pyramid::floor_to_one_tile, level, column, row});
  };
  EXPECT_EQ(plan(deepzoom(10, 3, 2)).delivery.scaled, (Size{232, 189}));
  EXPECT_EQ(refusal(deepzoom(11, 0, 0)), ErrorKind::not_found);
  EXPECT_EQ(refusal(deepzoom(10, 4, 0)), ErrorKind::not_found);
  EXPECT_EQ(refusal(deepzoom(10, 0, 3)), ErrorKind::not_found);
  EXPECT_EQ(refusal(deepzoom(kHuge, kHuge, kHuge)), ErrorKind::not_found);
  EXPECT_EQ(refusal(deepzoom(10, kHuge, 0)), ErrorKind::not_found);
  EXPECT_EQ(plan(zoomify(2, 3, 2)).delivery.scaled, (Size{232, 189}));
  EXPECT_EQ(plan(zoomify(0, 0, 0)).delivery.scaled, (Size{250, 175}));
  EXPECT_EQ(refusal(zoomify(3, 0, 0)), ErrorKind::not_found);
  EXPECT_EQ(refusal(zoomify(2, 0, kHuge)), ErrorKind::not_found);
}

// ---- What else decides the bytes
// -----------------------------------------------------------------

TEST_F(PlanTest, PassthroughOnlyWithoutAnyChange) {
  const ImageRequest tile = picture(NativeTile{2, 1});
  EXPECT_TRUE(plan(tile).passthrough);

  ImageRequest changed = tile;
  changed.mirror = true;
  EXPECT_FALSE(plan(changed).passthrough);
  changed = tile;
  changed.rotation = 90;
  EXPECT_FALSE(plan(changed).passthrough);
  EXPECT_EQ(plan(changed).tile, 1);
  changed = tile;
  changed.colouring = Colouring::grey;
  EXPECT_FALSE(plan(changed).passthrough);
  changed = tile;
  changed.format = Format::png;
  EXPECT_FALSE(plan(changed).passthrough);
  changed = tile;
  changed.quality = settings.jpeg_quality;
  EXPECT_FALSE(plan(changed).passthrough);
  settings.codec_passthrough = false;
  EXPECT_FALSE(plan(tile).passthrough);
}

TEST_F(PlanTest, QualityIsTheClientsOrTheFormatsOwn) {
  ImageRequest request = picture(WholeImage{});
  EXPECT_EQ(plan(request).encoding.quality, 75);
  request.format = Format::png;
  EXPECT_EQ(plan(request).encoding.quality, 1);
  settings.png_quality = 9;
  request.quality = 9;
  EXPECT_EQ(plan(request).encoding.quality, 9);
}

// A level that costs the server work, and gives the same picture, is at most that of the settings.
TEST_F(PlanTest, LevelsWithoutLossAreAtMostTheServers) {
  ImageRequest request = picture(WholeImage{});
  request.format = Format::png;
  const Digest at_default = digest(request);
  request.quality = 9;
  EXPECT_EQ(plan(request).encoding.quality, 1);
  EXPECT_EQ(digest(request), at_default) << "one picture, and one key";
  request.quality = 0;
  EXPECT_EQ(plan(request).encoding.quality, 0) << "less may be asked for";

  request.format = Format::tiff;
  request.quality = 9;
  EXPECT_EQ(plan(request).encoding.quality, 1);
  request.tiff_scheme = TiffScheme::zstd;
  request.quality = 19;
  EXPECT_EQ(plan(request).encoding.quality, 1);
  settings.tiff_scheme = TiffScheme::zstd;
  settings.tiff_quality = 12;
  EXPECT_EQ(plan(request).encoding.quality, 12);
  request.tiff_scheme = TiffScheme::deflate;
  request.quality = 9;
  EXPECT_EQ(plan(request).encoding.quality, 1) << "the setting is of another compression";
  request.tiff_scheme = TiffScheme::webp;
  request.quality = 100;
  EXPECT_EQ(plan(request).encoding.quality, 100) << "how it looks is the client's";
}

TEST_F(PlanTest, EmbedsTheProfileThatFits) {
  ImageRequest request = picture(WholeImage{});
  EXPECT_FALSE(plan(request).embed_icc);
  info.icc_profile = profile_for("RGB ");
  EXPECT_TRUE(plan(request).embed_icc);
  settings.max_icc = 499;
  EXPECT_FALSE(plan(request).embed_icc);
  settings.max_icc = 500;
  EXPECT_TRUE(plan(request).embed_icc);
  request.colouring = Colouring::grey;
  EXPECT_FALSE(plan(request).embed_icc);
  info.icc_profile = profile_for("GRAY");
  EXPECT_TRUE(plan(request).embed_icc);
  request.colouring = Colouring::as_is;
  EXPECT_FALSE(plan(request).embed_icc);
  info.format.model = ColourModel::grey;
  EXPECT_TRUE(plan(request).embed_icc);
  info.icc_profile = Bytes(ByteVector(20));
  EXPECT_FALSE(plan(request).embed_icc);
}

TEST_F(PlanTest, GreyOfAGreyImageIsTheImage) {
  info.format.model = ColourModel::grey;
  ImageRequest request = picture(NativeTile{2, 1});
  request.colouring = Colouring::grey;
  EXPECT_EQ(plan(request).colouring, Colouring::as_is);
  EXPECT_TRUE(plan(request).passthrough);
  request.colouring = Colouring::bitonal;
  EXPECT_EQ(plan(request).colouring, Colouring::bitonal);
}

TEST_F(PlanTest, OddAnglesUncoverCorners) {
  ImageRequest request = picture(WholeImage{});
  for (const double angle : {0.0, 90.0, 180.0, 270.0}) {
    request.rotation = angle;
    EXPECT_FALSE(plan(request).uncovers_corners()) << angle;
  }
  for (const double angle : {0.5, 89.9, 359.0}) {
    request.rotation = angle;
    EXPECT_TRUE(plan(request).uncovers_corners()) << angle;
  }
}

TEST_F(PlanTest, EqualMeaningGivesEqualDigests) {
  using Form = SizeRequest::Form;
  const auto sized = [](Form form, std::uint64_t width, std::uint64_t height) {
    return SizeRequest{
        form, width, height, 50, SizeRequest::Enlarging::silent, SizeRequest::OverLimit::shrunk};
  };
  const Digest wanted = digest(picture(WholeImage{}, sized(Form::width, 500, 0)));
  EXPECT_EQ(digest(picture(WholeImage{}, exact(500, 350))), wanted);
  EXPECT_EQ(digest(picture(WholeImage{}, sized(Form::height, 0, 350))), wanted);
  EXPECT_EQ(digest(picture(PixelRegion{0, 0, kHuge, kHuge}, exact(500, 350))), wanted);
  EXPECT_EQ(digest(picture(PercentRegion{0, 0, 100, 100}, exact(500, 350))), wanted);
  EXPECT_EQ(digest(picture(FractionRegion{0, 0, 1, 1}, sized(Form::width, 500, 0))), wanted);

  // The same tile in four languages.
  const Digest tile = digest(picture(NativeTile{1, 0}));
  EXPECT_EQ(digest(picture(PixelRegion{0, 0, 512, 512}, exact(256, 256))), tile);
  EXPECT_EQ(
      digest(picture(ComputedTile{ComputedTile::Pyramid::ceil_to_one_pixel, 9, 0, 0}, exact(1, 1))),
      tile);
  EXPECT_EQ(digest(picture(ComputedTile{ComputedTile::Pyramid::floor_to_one_tile, 1, 0, 0})), tile);
}

TEST_F(PlanTest, WhatChangesBytesChangesTheDigest) {
  info.icc_profile = profile_for("RGB ");
  const ImageRequest base = picture(PixelRegion{1, 2, 300, 200}, exact(150, 101));
  const Digest digest_of_base = digest(base);

  ImageRequest other = base;
  other.region = PixelRegion{2, 2, 300, 200};
  EXPECT_NE(digest(other), digest_of_base);
  other = base;
  other.size = exact(150, 102);
  EXPECT_NE(digest(other), digest_of_base);
  other = base;
  other.mirror = true;
  EXPECT_NE(digest(other), digest_of_base);
  other = base;
  other.rotation = 180;
  EXPECT_NE(digest(other), digest_of_base);
  other = base;
  other.colouring = Colouring::grey;
  EXPECT_NE(digest(other), digest_of_base);
  other = base;
  other.format = Format::png;
  EXPECT_NE(digest(other), digest_of_base);
  other = base;
  other.quality = 50;
  EXPECT_NE(digest(other), digest_of_base);

  const auto with = [&](auto change) {
    const Settings kept = settings;
    change(settings);
    const Digest changed = digest(base);
    settings = kept;
    return changed;
  };
  EXPECT_NE(with([](Settings& s) { s.jpeg_quality = 74; }), digest_of_base);
  EXPECT_NE(with([](Settings& s) { s.max_icc = 0; }), digest_of_base);
  EXPECT_NE(with([](Settings& s) { s.interpolation = Interpolation::nearest; }), digest_of_base);
  // These do not.
  EXPECT_EQ(with([](Settings& s) { s.png_quality = 9; }), digest_of_base);
  EXPECT_EQ(with([](Settings& s) { s.max_cvt = 300; }), digest_of_base);
  EXPECT_EQ(with([](Settings& s) { s.codec_passthrough = false; }), digest_of_base);
  other = base;
  other.iiif_version = 3;
  other.name_the_file = true;
  EXPECT_EQ(digest(other), digest_of_base);
}

// The rules of iipsrv's MAX_LAYERS and LYR; 0 stands for all five layers.
TEST_F(PlanTest, QualityLayers) {
  info.layers = 5;
  const auto layers = [&](int most, std::optional<int> wanted) {
    settings.max_layers = most;
    ImageRequest request = picture(WholeImage{});
    request.layers = wanted;
    return plan(request).layers;
  };
  EXPECT_EQ(layers(0, std::nullopt), 3);
  EXPECT_EQ(layers(0, 2), 2);
  EXPECT_EQ(layers(0, -1), 0);
  EXPECT_EQ(layers(0, 5), 0);
  EXPECT_EQ(layers(0, 99), 0);
  EXPECT_EQ(layers(-1, std::nullopt), 0);
  EXPECT_EQ(layers(-1, 2), 2);
  EXPECT_EQ(layers(-1, -1), 0);
  EXPECT_EQ(layers(4, std::nullopt), 4);
  EXPECT_EQ(layers(4, 2), 2);
  EXPECT_EQ(layers(4, 5), 4);
  EXPECT_EQ(layers(4, -1), 4);
  EXPECT_EQ(layers(9, std::nullopt), 0);
  settings.max_layers = 0;
  ImageRequest one = picture(WholeImage{});
  one.layers = 1;
  ImageRequest two = one;
  two.layers = 2;
  EXPECT_NE(digest(one), digest(two));
  info.layers = 1;
  EXPECT_EQ(layers(0, std::nullopt), 0);
  EXPECT_EQ(layers(3, 2), 0);
}

}  // namespace
}  // namespace iip

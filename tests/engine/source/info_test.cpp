// What open_source() says of a file: type, levels, texts, density, and why it will be slow.
#include <gtest/gtest.h>

#include "engine/source/tiff_pyramid.h"
#include "images.h"

namespace iip::test {
namespace {

TEST(TiffInfo, TextsProfileDensityAndRanges) {
  for (const char* name : {"texts_le.tif", "texts_bigbe.tif"}) {
    SCOPED_TRACE(name);
    const OpenImage image(image_path(name));
    const ImageInfo& info = image.info();
    EXPECT_EQ(info.type_name, "TIFF");
    EXPECT_EQ(info.metadata.title, "Title \xC3\xA9");
    EXPECT_EQ(info.metadata.creator, "Andr\xC3\xA9") << "Latin-1 in the file";
    EXPECT_EQ(info.metadata.rights, "(c) nobody");
    EXPECT_EQ(info.metadata.description, "A <b>\"description\"</b>");
    EXPECT_EQ(info.metadata.date, "2020:01:02 03:04:05");
    EXPECT_EQ(info.metadata.software, "Software");
    EXPECT_EQ(info.metadata.make, "Maker");
    EXPECT_EQ(info.metadata.model, "Model");
    EXPECT_EQ(info.metadata.page_name, "Page");
    EXPECT_EQ(info.metadata.xmp, "<x:xmpmeta/>");
    ASSERT_EQ(info.icc_profile.size(), 200U);
    EXPECT_EQ(info.icc_profile.span()[199], 199);
    ASSERT_TRUE(info.density.has_value());
    EXPECT_EQ(info.density->unit, Density::Unit::inch);
    EXPECT_NEAR(info.density->x, 300 / 0.0254, 1e-6);
    EXPECT_NEAR(info.density->y, 150 / 0.0254, 1e-6);
    ASSERT_EQ(info.ranges.size(), 3U);
    EXPECT_EQ(info.ranges[1].min, 11);
    EXPECT_EQ(info.ranges[2].max, 202);
  }
}

TEST(TiffInfo, ValuesOverTheLimitAreLeftOut) {
  Lines log;
  const File file = open_file(image_path("texts_le.tif"));
  SourceLimits limits;
  limits.max_metadata = 20;
  const auto source = must(open_source(file, limits, log));
  EXPECT_TRUE(source->info().icc_profile.empty());
  EXPECT_TRUE(source->info().metadata.description.empty());
  EXPECT_EQ(source->info().metadata.make, "Maker");
}

TEST(TiffInfo, MorePixelsThanAllowed) {
  Lines log;
  const File file = open_file(image_path("texts_le.tif"));
  SourceLimits limits;
  limits.max_pixels = 90 * 70 - 1;
  const auto source = open_source(file, limits, log);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().kind, ErrorKind::too_large);
}

TEST(TiffInfo, WhatIsStoredAndWhatIsDelivered) {
  const OpenImage palette(image_path("m_palette_none_t16.tif"));
  EXPECT_EQ(palette.info().stored_channels, 1);
  EXPECT_EQ(palette.info().format, kRgb);
  EXPECT_EQ(palette.info().levels[0].tile, (Size{16, 16}));
  EXPECT_TRUE(palette.info().tiled);
  const OpenImage strips(image_path("m_rgba_lzw_s7.tif"));
  EXPECT_FALSE(strips.info().tiled);
  EXPECT_EQ(strips.info().levels[0].tile, (Size{257, 7}));
  EXPECT_EQ(strips.info().format, kRgba);
}

TEST(TiffInfo, SaysOnceWhyAnImageIsSlow) {
  const OpenImage strips(image_path("size_1x5000_8_strip.tif"));
  EXPECT_TRUE(strips.log.contains(LogLevel::warning, "not tiled"));
  EXPECT_TRUE(strips.log.contains(LogLevel::warning, "no smaller resolutions"));
  const OpenImage pyramid(image_path("pyr_onepixel.tif"));
  EXPECT_FALSE(pyramid.log.contains(LogLevel::warning, ""));
}

TEST(TiffInfo, TypesAreToldByTheirFirstBytes) {
  const ScratchFolder folder;
  const auto kind_of = [&](std::vector<std::uint8_t> bytes) {
    Lines log;
    write_file(folder.file("image.tif"), bytes);
    const auto source = open_source(open_file(folder.file("image.tif")), SourceLimits{}, log);
    return source ? ErrorKind::internal : source.error().kind;
  };
  EXPECT_EQ(kind_of({}), ErrorKind::not_found);
  EXPECT_EQ(kind_of({'I'}), ErrorKind::not_found);
  EXPECT_EQ(kind_of({'h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd', '!'}),
            ErrorKind::not_found);
  EXPECT_EQ(kind_of({0xFF, 0xD8, 0xFF, 0xE0}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of({0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of({0, 0, 0, 12, 'j', 'P', ' ', ' ', '\r', '\n', 0x87, '\n'}),
            ErrorKind::unsupported);
  EXPECT_EQ(kind_of({'I', 'I', 42, 0, 8, 0, 0, 0}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of({'M', 'M', 0, 43, 0, 8, 0, 0}), ErrorKind::corrupt);
}

TEST(TiffPyramid, SizesThatAreLevels) {
  const Size full{1000, 701};
  EXPECT_TRUE(is_reduced_size(full, {500, 350}, false));
  EXPECT_TRUE(is_reduced_size(full, {500, 351}, false));
  EXPECT_TRUE(is_reduced_size(full, {62, 43}, false));
  EXPECT_TRUE(is_reduced_size(full, {63, 44}, false));
  EXPECT_TRUE(is_reduced_size(full, {1, 1}, false));
  EXPECT_TRUE(is_reduced_size({1, 5000}, {1, 2500}, false));
  EXPECT_TRUE(is_reduced_size(full, {333, 234}, true));
}

TEST(TiffPyramid, SizesThatAreNot) {
  const Size full{1000, 701};
  EXPECT_FALSE(is_reduced_size(full, full, true));
  EXPECT_FALSE(is_reduced_size(full, {333, 234}, false));
  EXPECT_FALSE(is_reduced_size(full, {500, 175}, false));
  EXPECT_FALSE(is_reduced_size(full, {300, 280}, true));
  EXPECT_FALSE(is_reduced_size(full, {400, 120}, true));
  EXPECT_FALSE(is_reduced_size(full, {1001, 701}, true));
  EXPECT_FALSE(is_reduced_size(full, {2000, 1402}, true));
}

}  // namespace
}  // namespace iip::test

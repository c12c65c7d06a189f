// What open_source() says of a file: type, levels, texts, density, and why it will be slow.
#include <gtest/gtest.h>

#include <string_view>

#include "engine/formats/open_source.h"
#include "engine/formats/tiff/pyramid.h"
#include "support/images.h"

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

// As Pillow reads the block.
std::string exif_values(const ImageInfo& info) {
  const ScratchFolder folder;
  const ByteSpan block = info.metadata.exif.span();
  write_file(folder.file("block"), block.data(), block.size());
  return run_python("tests/engine/formats/decode/exif_values.py", {folder.file("block")});
}

std::string iptc_of(const OpenImage& image) {
  const ByteSpan records = image.info().metadata.iptc.span();
  return {records.begin(), records.end()};
}

constexpr std::string_view kCaption{
    "\x1C\x02\x78\x00\x07"
    "Caption",
    12};

TEST(TiffInfo, ExifAndIptc) {
  const std::string exif =
      "33434 0.004; 34855 400; 36864 b'0230'; 36867 2019:08:07 06:05:04; "
      "37380 -0.3333333333333333\n";
  for (const char* name : {"telling_le.tif", "telling_be.tif", "telling_big.tif"}) {
    SCOPED_TRACE(name);
    const OpenImage image(image_path(name));
    EXPECT_EQ(exif_values(image.info()), "\n" + exif + "1 N; 2 (52.0, 30.0, 15.0)\n");
    EXPECT_EQ(iptc_of(image), kCaption);
  }
  const OpenImage image(image_path("telling_photoshop.tif"));
  EXPECT_EQ(exif_values(image.info()), "\n" + exif + "\n");
  EXPECT_EQ(iptc_of(image), kCaption) << "among Photoshop's resources";
  EXPECT_TRUE(OpenImage(image_path("base_rgb.tif")).info().metadata.exif.empty());
}

TEST(JpegInfo, ExifAndIptc) {
  const OpenImage image(image_path("telling.jpg"));
  EXPECT_EQ(exif_values(image.info()), "271 Maker; 274 1; 34855 400\n\n\n")
      << "upright: it is served turned";
  EXPECT_EQ(image.info().size(), (Size{30, 40}));
  EXPECT_EQ(iptc_of(image), kCaption) << "from two segments";
  EXPECT_TRUE(OpenImage(image_path("telling_plain.jpg")).info().metadata.iptc.empty());
}

// Ranges of every kind of channel, beside what the file states of them.
TEST(TiffInfo, RangesOfTheType) {
  const auto check = [](const char* name, int bits, double offset,
                        const std::vector<std::pair<double, double>>& expected) {
    SCOPED_TRACE(name);
    const OpenImage image(image_path(name));
    EXPECT_EQ(image.info().stored_bits, bits);
    EXPECT_EQ(image.info().value_offset, offset);
    ASSERT_EQ(image.info().ranges.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(image.info().ranges[i].min, expected[i].first) << i;
      EXPECT_EQ(image.info().ranges[i].max, expected[i].second) << i;
    }
  };
  check("d_u1_grey_tile.tif", 1, 0, {{0, 255}});
  check("d_u12_rgb_tile.tif", 12, 0, {{0, 4095}, {0, 4095}, {0, 4095}});
  check("d_u16_grey_tile.tif", 16, 0, {{0, 65535}});
  check("d_u32_grey_tile.tif", 32, 0, {{0, 4294967295.0}});
  check("d_i8_grey_tile.tif", 8, -128, {{-128, 127}});
  check("d_i16_white0_zip_be.tif", 16, -32768, {{-32768, 32767}});
  check("d_i32_grey_tile.tif", 32, -2147483648.0, {{-2147483648.0, 2147483647}});
  check("d_f16_grey_tile.tif", 16, 0, {{0, 1}});
  check("d_f32_white0_zip_be.tif", 32, 0, {{1, 0}});
  check("d_palette4.tif", 4, 0, {{0, 255}, {0, 255}, {0, 255}});
  check("d_lab16_cielab_tile.tif", 16, 0, {{0, 100}, {-128, 127}, {-128, 127}});
  check("d_u16_cmyk_alpha_tile.tif", 16, 0, {{0, 65535}, {0, 65535}, {0, 65535}, {0, 65535}});
}

TEST(TiffInfo, RangesThatTheFileStates) {
  const auto range = [](const char* name, std::size_t channel = 0) {
    const OpenImage image(image_path(name));
    const SampleRange found = image.info().ranges.at(channel);
    return std::pair{found.min, found.max};
  };
  EXPECT_EQ(range("range_u16_all.tif", 1), (std::pair{100.0, 5000.0}));
  EXPECT_EQ(range("range_u16_each.tif", 2), (std::pair{12.0, 302.0}));
  EXPECT_EQ(range("range_u16_white0.tif"), (std::pair{60535.0, 65435.0}));
  EXPECT_EQ(range("range_u16_older.tif"), (std::pair{100.0, 5000.0}));
  EXPECT_EQ(range("range_u16_reversed.tif"), (std::pair{0.0, 65535.0}));
  EXPECT_EQ(range("range_u4_all.tif"), (std::pair{34.0, 170.0})) << "spread over a byte";
  EXPECT_EQ(range("range_i16_all.tif"), (std::pair{-500.0, 8848.0}));
  EXPECT_EQ(range("range_f32_all.tif"), (std::pair{-0.5, 1e6}));
  EXPECT_EQ(range("range_f32_white0.tif"), (std::pair{1e6, -0.5}));
  EXPECT_EQ(range("range_f32_nan.tif"), (std::pair{0.0, 1.0}));
}

TEST(TiffInfo, WhitePoints) {
  EXPECT_FALSE(OpenImage(image_path("d_lab8_cielab_tile.tif")).info().lab_white) << "D50";
  EXPECT_FALSE(OpenImage(image_path("d_u16_rgb_tile.tif")).info().lab_white);
  const OpenImage stated(image_path("d_lab16_cielab_d65_tile.tif"));
  ASSERT_TRUE(stated.info().lab_white);
  EXPECT_EQ(stated.info().lab_white->x, 0.3127);
  EXPECT_EQ(stated.info().lab_white->y, 0.3290);
}

TEST(TiffInfo, ValuesOverTheLimitAreLeftOut) {
  Lines log;
  Memory memory;
  const File file = open_file(image_path("texts_le.tif"));
  SourceLimits limits;
  limits.max_metadata = 20;
  const auto source = must(open_source({file, memory.budget, log, {}, limits}));
  EXPECT_TRUE(source->info().icc_profile.empty());
  EXPECT_TRUE(source->info().metadata.description.empty());
  EXPECT_EQ(source->info().metadata.make, "Maker");
}

TEST(TiffInfo, MorePixelsThanAllowed) {
  Lines log;
  Memory memory;
  const File file = open_file(image_path("texts_le.tif"));
  SourceLimits limits;
  limits.max_pixels = 90 * 70 - 1;
  const auto source = open_source({file, memory.budget, log, {}, limits});
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
    Memory memory;
    write_file(folder.file("image.tif"), bytes);
    const File file = open_file(folder.file("image.tif"));
    const auto source = open_source({file, memory.budget, log});
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

// PNG files of every kind against the numbers they were made from, and what they say about
// themselves.
#include <gtest/gtest.h>

#include "support/pixel_check.h"

namespace iip::test {
namespace {

TEST(PngPixels, EveryColourTypeAndDepth) {
  check_files("png_grey", 14);
  check_files("png_key", 10);
  check_files("png_palette", 8);
  check_files("png_clear", 8);
  check_files("png_rgb", 8);
}
TEST(PngPixels, OddSizes) {
  check_files("png_1", 3);
  check_files("png_7", 1);
}
TEST(PngPixels, Orientation) { check_files("png_oriented_6", 1); }

TEST(PngInfo, SaysWhatTheFileSays) {
  const OpenImage image(image_path("png_texts.png"));
  EXPECT_EQ(image.info().type_name, "PNG");
  EXPECT_EQ(image.info().metadata.title, "A title");
  ASSERT_TRUE(image.info().density);
  EXPECT_EQ(image.info().density->x, 11811);
  EXPECT_EQ(image.info().density->y, 5906);
  EXPECT_EQ(OpenImage(image_path("png_palette8_plain.png")).info().stored_channels, 1);
}

TEST(PngInfo, Depths) {
  const OpenImage deep(image_path("png_rgba16_plain.png"));
  EXPECT_EQ(deep.info().format, (PixelFormat{SampleType::u16, ColourModel::rgb, true, 0}));
  EXPECT_EQ(deep.info().stored_bits, 16);
  ASSERT_EQ(deep.info().ranges.size(), 3U);
  EXPECT_EQ(deep.info().ranges[2].max, 65535);
  const OpenImage shallow(image_path("png_grey4_plain.png"));
  EXPECT_EQ(shallow.info().format, kGrey);
  EXPECT_EQ(shallow.info().stored_bits, 4);
  EXPECT_EQ(shallow.info().ranges[0].max, 255);
}

TEST(PngInfo, ExifIsUpright) {
  const OpenImage image(image_path("png_oriented_6.png"));
  const ByteSpan exif = image.info().metadata.exif.span();
  // The one entry of the block: the orientation, and its value.
  ASSERT_EQ(exif.size(), 26U);
  EXPECT_EQ(exif[18] << 8 | exif[19], 1);
}

TEST(PngSource, DecodedOnceAndGivenUpForOthers) {
  OpenImage image(image_path("png_rgb8_plain.png"));
  image.read(0, {0, 0, 10, 10});
  const std::uint64_t kept = image.kept.bytes();
  EXPECT_GT(kept, 301U * 277 * 3);
  EXPECT_EQ(image.memory.pool.used(), kept);
  EXPECT_EQ(image.memory.budget.used(), 0U);
  image.read(1, {0, 0, 10, 10});
  EXPECT_EQ(image.kept.bytes(), kept);
  // Cut short while open: what is kept does not ask the file.
  EXPECT_TRUE(image.memory.budget.reserve(image.memory.pool.limit()));
  EXPECT_EQ(image.kept.bytes(), 0U);
}

TEST(PngSource, WithoutAStoreEachReadDecodes) {
  const OpenImage image(image_path("png_rgb8_plain.png"));
  Memory memory;
  Lines log;
  const ReadContext context{image.file, memory.budget, log};
  const auto all = image.source->read(context, 0, Rect::of(image.info().size()));
  EXPECT_TRUE(all);
}

TEST(PngSource, MoreMemoryThanTheRequestMayHold) {
  const OpenImage image(image_path("png_rgb8_plain.png"));
  MemoryPool pool(std::uint64_t{1} << 30);
  MemoryBudget budget(pool, 200000);
  Lines log;
  const auto raster = image.source->read({image.file, budget, log}, 0, {0, 0, 1, 1});
  ASSERT_FALSE(raster);
  EXPECT_EQ(raster.error().kind, ErrorKind::too_large);
  EXPECT_EQ(pool.used(), 0U);
}

}  // namespace
}  // namespace iip::test

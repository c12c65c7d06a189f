// What JPEG 2000 files say of themselves, and what is kept of them between requests.
#include <gtest/gtest.h>

#include "support/images.h"

namespace iip::test {
namespace {

TEST(Jp2Info, BoxesAreRead) {
  const OpenImage image(image_path("jp2_texts.jp2"));
  const ImageInfo& info = image.info();
  EXPECT_EQ(info.type_name, "JPEG 2000");
  EXPECT_EQ(info.size(), (Size{90, 70}));
  EXPECT_EQ(info.format, kGrey);
  EXPECT_EQ(info.icc_profile.size(), 200U);
  EXPECT_EQ(info.metadata.xmp, "<x:xmpmeta/>");
  ASSERT_TRUE(info.density);
  // The resolution of capture, 11.8e3 across and 50e2 down, and not that of display.
  EXPECT_DOUBLE_EQ(info.density->x, 11800);
  EXPECT_DOUBLE_EQ(info.density->y, 5000);
  EXPECT_EQ(info.density->unit, Density::Unit::centimetre);
}

TEST(Jp2Info, LayersDepthsAndLevels) {
  EXPECT_EQ(OpenImage(image_path("jp2_layers.jp2")).info().layers, 3);
  EXPECT_EQ(OpenImage(image_path("jp2_12u_lossless.jp2")).info().stored_bits, 12);
  const OpenImage plain(image_path("jp2_plain.jp2"));
  // Of six resolutions the second fits a tile.
  ASSERT_EQ(plain.info().levels.size(), 2U);
  EXPECT_EQ(plain.info().levels.back().size, (Size{211, 152}));
  EXPECT_EQ(plain.info().levels.front().tile, (Size{256, 256}));
  // One resolution, and a halving of it that fits a tile.
  const OpenImage flat(image_path("jp2_no_levels.jp2"));
  ASSERT_EQ(flat.info().levels.size(), 2U);
  EXPECT_EQ(flat.info().levels.back().size, (Size{211, 152}));
}

TEST(Jp2Info, WhatTheNumbersMean) {
  const auto expect = [](const char* name, SampleType type, int bits, double offset, double most) {
    SCOPED_TRACE(name);
    const OpenImage image(image_path(name));
    const ImageInfo& info = image.info();
    EXPECT_EQ(info.format.type, type);
    EXPECT_EQ(info.stored_bits, bits);
    EXPECT_EQ(info.value_offset, offset);
    ASSERT_EQ(info.ranges.size(), static_cast<std::size_t>(info.format.colours()));
    for (const SampleRange& range : info.ranges) {
      EXPECT_EQ(range.min, offset);
      EXPECT_EQ(range.max, most);
    }
  };
  expect("jp2_4u_lossless.jp2", SampleType::u8, 4, 0, 255);
  expect("jp2_8s_lossless.jp2", SampleType::u8, 8, -128, 127);
  expect("jp2_9u_lossy.jp2", SampleType::u16, 9, 0, 511);
  expect("jp2_12s_lossless.jp2", SampleType::u16, 12, -2048, 2047);
  expect("jp2_16u_lossless.jp2", SampleType::u16, 16, 0, 65535);
  expect("jp2_16s_lossless.jp2", SampleType::u16, 16, -32768, 32767);
  expect("jp2_rgb12s_lossy.jp2", SampleType::u16, 12, -2048, 2047);
  expect("jp2_ht_10.j2k", SampleType::u16, 10, 0, 1023);
  expect("jp2_mixed_rgb.jp2", SampleType::u16, 12, 0, 4095);
  expect("jp2_mixed_alpha.jp2", SampleType::u16, 12, 0, 4095);
  expect("jp2_mixed_deep_alpha.jp2", SampleType::u8, 8, 0, 255);
  expect("jp2_mixed_palette.jp2", SampleType::u16, 12, 0, 4095);
  // Luminance and colour differences are made into other numbers.
  expect("jp2_mixed_sycc.jp2", SampleType::u16, 10, 0, 1023);
}

TEST(Jp2Info, NoFileOfTheMatrixIsDecodedPlainly) {
  for (const auto& [name, levels] : expectations("jp2_")) {
    OpenImage image(image_path(name));
    image.read(0, {0, 0, 1, 1});
    EXPECT_FALSE(image.log.contains(LogLevel::warning, "can not be indexed")) << name;
  }
}

TEST(Jp2Kept, TheIndexIsMadeOnceAndCounted) {
  OpenImage image(image_path("jp2_plain.jp2"));
  const auto first = packed(image.read(0, {0, 0, 256, 256}));
  const std::uint64_t kept = image.kept.bytes();
  EXPECT_GT(kept, 0U);
  EXPECT_EQ(packed(image.read(0, {0, 0, 256, 256})), first);
  EXPECT_EQ(image.kept.bytes(), kept);
  EXPECT_EQ(image.memory.budget.used(), 0U);
}

// Code-blocks that a part has needed are there for others: no byte of the file is read for them.
TEST(Jp2Kept, CodeBlocksAreDecodedOnce) {
  OpenImage image(image_path("jp2_layers_lossy.jp2"));
  const ScratchFolder folder;
  write_file(folder.file("empty"), std::vector<std::uint8_t>{});
  const File empty = open_file(folder.file("empty"));
  const auto read_without_file = [&](std::size_t level, const Rect& rect, int layers) {
    const ReadContext context =
        confined({empty, image.memory.budget, image.log, {}, &image.kept, layers});
    return image.source->read(context, level, rect);
  };
  const Rect tile{256, 0, 165, 256};
  const Rect smaller{0, 0, 211, 152};
  EXPECT_FALSE(read_without_file(0, tile, 0));
  image.read(0, {0, 0, 421, 303});
  const auto part = packed(must(read_without_file(0, tile, 0)));
  EXPECT_EQ(part, packed(OpenImage(image_path("jp2_layers_lossy.jp2")).read(0, tile)));
  // What the smaller levels are made of was needed for the whole, too; other layers were not.
  EXPECT_TRUE(read_without_file(1, smaller, 0));
  EXPECT_TRUE(read_without_file(1, smaller, 3));
  EXPECT_FALSE(read_without_file(1, smaller, 2));
}

// Of the same two components one file shows both, the other the first.
TEST(Jp2Kept, HiddenComponentsAreNotDecoded) {
  OpenImage both(image_path("jp2_grey_alpha.jp2"));
  OpenImage one(image_path("jp2_grey_other.jp2"));
  for (OpenImage* image : {&both, &one}) image->read(0, Rect::of(image->info().size()));
  const Size& size = one.info().size();
  // The second has as many samples, of two bytes each.
  EXPECT_GE(both.kept.bytes(), one.kept.bytes() + 2U * static_cast<std::uint64_t>(size.area()));
}

TEST(Jp2Kept, WithoutRoomAllIsServed) {
  OpenImage image(image_path("jp2_tiles.jp2"));
  MemoryPool pool{std::uint64_t{64} << 20U};
  DerivedDataCache small(pool, 1000);
  MemoryBudget budget(pool, pool.limit());
  for (DerivedDataCache* kept : {&small, static_cast<DerivedDataCache*>(nullptr)}) {
    for (const Rect& rect : {Rect{0, 0, 256, 256}, Rect{10, 20, 30, 40}}) {
      const ReadContext context = confined({image.file, budget, image.log, {}, kept});
      EXPECT_EQ(packed(must(image.source->read(context, 0, rect))), packed(image.read(0, rect)));
    }
  }
  EXPECT_LE(small.bytes(), 1000U);
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_EQ(pool.used(), small.bytes());
}

TEST(Jp2Layers, FewerLayersGiveWhatOpjDecompressGives) {
  for (const char* name : {"jp2_layers.jp2", "jp2_layers_lossy.jp2", "jp2_bypass.jp2",
                           "jp2_terminate.jp2", "jp2_all_styles.jp2"}) {
    SCOPED_TRACE(name);
    OpenImage image(image_path(name));
    for (int layers = 1; layers <= 3; ++layers) {
      const std::string pixels =
          image_path(std::string(name) + ".layers" + std::to_string(layers) + ".raw");
      const ReadContext context =
          confined({image.file, image.memory.budget, image.log, {}, nullptr, layers});
      const Rect whole = Rect::of(image.info().size());
      EXPECT_EQ(packed(must(image.source->read(context, 0, whole))), read_file(pixels));
    }
  }
}

}  // namespace
}  // namespace iip::test

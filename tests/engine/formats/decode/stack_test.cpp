// Pages of TIFF files, and pictures that are stored turned.
#include <gtest/gtest.h>

#include <cstring>
#include <utility>
#include <vector>

#include "engine/formats/open_source.h"
#include "support/pixel_check.h"

namespace iip::test {
namespace {

std::vector<std::string> page_names(const std::string& name) {
  const OpenImage image(image_path(name));
  std::vector<std::string> names;
  for (const Page& page : image.info().pages) names.push_back(page.name);
  return names;
}

TEST(TiffStack, EveryPageOfEveryKindOfStack) { check_files("stack_", 20); }
TEST(TiffStack, AsTheyAreSeen) { check_files("turned_", 11); }

TEST(TiffStack, NamesAndScales) {
  for (const char* name : {"stack_plain.tif", "stack_plain_bigbe.tif", "stack_levels.tif"}) {
    SCOPED_TRACE(name);
    const OpenImage image(image_path(name));
    ASSERT_EQ(image.info().pages.size(), 3U);
    EXPECT_EQ(image.info().page, 0U);
    EXPECT_EQ(OpenImage(image_path(name), 2).info().page, 2U);
    EXPECT_EQ(OpenImage(image_path(name), 2).info().pages.size(), 3U);
  }
  const OpenImage image(image_path("stack_plain.tif"));
  EXPECT_EQ(page_names("stack_plain.tif"), (std::vector<std::string>{"One", "Two", ""}));
  EXPECT_EQ(image.info().pages[0].scale, 1);
  EXPECT_EQ(image.info().pages[1].scale, 0.25);
}

TEST(TiffStack, WhatIsNoStack) {
  for (const char* name : {"stack_none.tif", "pyr_subifd.tif", "pyr_slide.tif", "pyr_mask.tif",
                           "pyr_jpeg.tif", "base_rgb.tif", "png_rgb8_plain.png"}) {
    EXPECT_TRUE(OpenImage(image_path(name)).info().pages.empty()) << name;
  }
  EXPECT_EQ(OpenImage(image_path("stack_others.tif")).info().pages.size(), 2U);
}

// By what the first page knows of the file, and by the file alone.
TEST(TiffStack, APageOpenedByItsSiblingIsTheSame) {
  for (const char* name : {"stack_plain.tif", "stack_others.tif"}) {
    OpenImage first(image_path(name));
    for (std::size_t page = 0; page < first.info().pages.size(); ++page) {
      OpenImage alone(image_path(name), page);
      const auto sibling = must(first.source->open_page(
          {first.file, first.memory.budget, first.log, {}, OpenImage::limits_for(page)}));
      ASSERT_EQ(sibling->info().levels.size(), alone.info().levels.size());
      EXPECT_EQ(sibling->info().page, page);
      EXPECT_EQ(sibling->info().pages.size(), first.info().pages.size());
      const Rect all = Rect::of(alone.info().size());
      const Raster there =
          must(sibling->read({first.file, first.memory.budget, first.log}, 0, all));
      const Raster here = alone.read(0, all);
      for (std::int64_t y = 0; y < all.height; ++y) {
        EXPECT_EQ(std::memcmp(there.row(y), here.row(y), here.row_bytes()), 0) << name << " " << y;
      }
    }
    EXPECT_FALSE(first.source->open_page(
        {first.file, first.memory.budget, first.log, {}, OpenImage::limits_for(1000)}));
  }
}

// Pages of one column of grey, all of them the same strip.
std::vector<std::uint8_t> stack_of_strips(std::uint32_t pages, std::uint32_t rows) {
  constexpr std::uint32_t kHead = 8;
  std::vector<std::uint8_t> out{'I', 'I', 42, 0};
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  put(kHead + rows, 4);
  out.resize(kHead + rows);
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> entries{
      {256, 1},     {257, rows}, {258, 8},    {259, 1},   {262, 1},
      {273, kHead}, {277, 1},    {278, rows}, {279, rows}};
  for (std::uint32_t page = 1; page <= pages; ++page) {
    put(static_cast<std::uint32_t>(entries.size()), 2);
    for (const auto& [tag, value] : entries) {
      put(tag, 2);
      put(4, 2);
      put(1, 4);
      put(value, 4);
    }
    put(page < pages ? static_cast<std::uint32_t>(out.size() + 4) : 0, 4);
  }
  return out;
}

// Hundreds of lines in the log, for one request, would hide what else is there.
TEST(TiffStack, TheLogIsToldOnceThatAllItsPagesAreSlow) {
  const ScratchFolder folder;
  write_file(folder.file("strips.tif"), stack_of_strips(5, 2000));
  OpenImage first(folder.file("strips.tif"));
  ASSERT_EQ(first.info().pages.size(), 5U);
  for (std::size_t page = 1; page < 5; ++page) {
    must(first.source->open_page(
        {first.file, first.memory.budget, first.log, {}, OpenImage::limits_for(page)}));
  }
  EXPECT_EQ(first.log.count(LogLevel::warning, "will be slow"), 1);
  // A page that is asked for alone says it as well.
  EXPECT_TRUE(OpenImage(folder.file("strips.tif"), 3).log.contains(LogLevel::warning, "slow"));
}

TEST(TiffStack, PagesThatAreNotThere) {
  for (const auto& [name, page] : {std::pair{"stack_plain.tif", 3},
                                   {"stack_plain.tif", 1 << 30},
                                   {"stack_others.tif", 2},
                                   {"stack_none.tif", 1},
                                   {"base_rgb.tif", 1},
                                   {"png_rgb8_plain.png", 1},
                                   {"telling.jpg", 1}}) {
    Lines log;
    Memory memory;
    const File file = open_file(image_path(name));
    const auto source = open_source(
        {file, memory.budget, log, {}, OpenImage::limits_for(static_cast<std::size_t>(page))});
    ASSERT_FALSE(source) << name << " " << page;
    EXPECT_EQ(source.error().kind, ErrorKind::not_found) << name << " " << page;
  }
}

TEST(TiffStack, DensityTurnsWithThePicture) {
  const OpenImage image(image_path("turned_bands.tif"));
  ASSERT_TRUE(image.info().density);
  EXPECT_NEAR(image.info().density->x, 150 / 0.0254, 1e-6);
  EXPECT_NEAR(image.info().density->y, 300 / 0.0254, 1e-6);
  EXPECT_EQ(image.info().format, (PixelFormat{SampleType::u16, ColourModel::grey, false, 4}));
}

}  // namespace
}  // namespace iip::test

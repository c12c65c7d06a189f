// What JPEG 2000 files say of themselves, and what is kept of them between requests.
#include <gtest/gtest.h>

#include "images.h"

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
  // Six resolutions, rounded up, down to 14x10.
  ASSERT_EQ(plain.info().levels.size(), 6U);
  EXPECT_EQ(plain.info().levels.back().size, (Size{14, 10}));
  EXPECT_EQ(plain.info().levels.front().tile, (Size{256, 256}));
  // One resolution, and a halving of it that fits a tile.
  const OpenImage flat(image_path("jp2_no_levels.jp2"));
  ASSERT_EQ(flat.info().levels.size(), 2U);
  EXPECT_EQ(flat.info().levels.back().size, (Size{211, 152}));
}

TEST(Jp2Info, NoFileOfTheMatrixIsDecodedPlainly) {
  for (const auto& [name, levels] : expectations("jp2_")) {
    OpenImage image(image_path(name));
    image.read(0, {0, 0, 1, 1});
    EXPECT_FALSE(image.log.contains(LogLevel::warning, "can not be indexed")) << name;
  }
}

// A tile's neighbours are there once it has been decoded: no byte of the file is read for them.
TEST(Jp2Kept, NeighboursOfATileAreKept) {
  const std::string path = image_path("jp2_plain.jp2");
  Memory memory;
  Lines log;
  MemoryPool kept{std::uint64_t{1} << 24U};
  ScratchFolder folder;
  write_file(folder.file("empty"), std::vector<std::uint8_t>{});
  const File file = open_file(path);
  const File empty = open_file(folder.file("empty"));
  SourceLimits limits;
  limits.held = &kept;
  auto source = must(open_source(file, limits, log));
  const ReadContext context{file, memory.budget, log};
  const ReadContext without_file{empty, memory.budget, log};
  OpenImage plain(path);

  const Rect first{0, 0, 256, 256};
  const Rect second{256, 0, 165, 256};
  EXPECT_FALSE(source->read(without_file, 0, second));
  EXPECT_EQ(packed(must(source->read(context, 0, first))), packed(plain.read(0, first)));
  EXPECT_EQ(packed(must(source->read(without_file, 0, second))), packed(plain.read(0, second)));
  // Of another resolution or number of layers nothing is there.
  EXPECT_FALSE(source->read(without_file, 1, {0, 0, 64, 64}));
  EXPECT_GT(kept.used(), std::uint64_t{421} * 303 * 3);
  EXPECT_EQ(memory.budget.used(), 0U);
  source.reset();
  EXPECT_EQ(kept.used(), 0U);
}

TEST(Jp2Kept, WithoutRoomNothingIsKeptAndAllIsServed) {
  Memory memory;
  Lines log;
  MemoryPool kept{1000};
  const File file = open_file(image_path("jp2_plain.jp2"));
  SourceLimits limits;
  limits.held = &kept;
  const auto source = must(open_source(file, limits, log));
  OpenImage plain(image_path("jp2_plain.jp2"));
  for (const Rect& rect : {Rect{0, 0, 256, 256}, Rect{10, 20, 30, 40}}) {
    const Raster part = must(source->read(ReadContext{file, memory.budget, log}, 0, rect));
    EXPECT_EQ(packed(part), packed(plain.read(0, rect)));
  }
  EXPECT_EQ(kept.used(), 0U);
}

TEST(Jp2Layers, FewerLayersGiveWhatOpjDecompressGives) {
  for (const char* name : {"jp2_layers.jp2", "jp2_layers_lossy.jp2", "jp2_bypass.jp2",
                           "jp2_terminate.jp2", "jp2_all_styles.jp2"}) {
    SCOPED_TRACE(name);
    OpenImage image(image_path(name));
    for (int layers = 1; layers <= 3; ++layers) {
      const std::string pixels =
          image_path(std::string(name) + ".layers" + std::to_string(layers) + ".raw");
      const ReadContext context{image.file, image.memory.budget, image.log, {}, nullptr, layers};
      const Rect whole = Rect::of(image.info().size());
      EXPECT_EQ(packed(must(image.source->read(context, 0, whole))), read_file(pixels));
    }
  }
}

}  // namespace
}  // namespace iip::test

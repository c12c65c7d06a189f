// Every pixel of every test picture, whole and in pieces, against numbers that the code under test
// had no part in.
#include <gtest/gtest.h>

#include <thread>

#include "support/pixel_check.h"

namespace iip::test {
namespace {

TEST(TiffPixels, EveryCodecAndLayout) { check_files("m_", 200); }
TEST(TiffPixels, BothByteOrdersClassicAndBig) { check_files("e_", 80); }
TEST(TiffPixels, PlanesStoredSeparately) { check_files("p_", 40); }
TEST(TiffPixels, ReversedBits) { check_files("f_", 3); }
TEST(TiffPixels, Uncompressed) { check_files("base_", 10); }
TEST(TiffPixels, OddSizes) { check_files("size_", 50); }
TEST(TiffPixels, YcbcrOfEverySubsampling) { check_files("ycc_", 36); }
TEST(TiffPixels, Jpeg) { check_files("j_", 15); }
TEST(TiffPixels, OldStyleJpeg) { check_files("old_", 15); }
TEST(TiffPixels, Pyramids) { check_files("pyr_", 20); }
TEST(TiffPixels, Tiny) { check_files("tiny_", 22); }
TEST(TiffPixels, SparseTiles) { check_files("sparse_", 2); }
TEST(TiffPixels, BlocksThatHoldFewerPixels) { check_files("short_", 7); }
TEST(TiffPixels, ColourMapOfBytes) { check_files("palette_narrow", 1); }
TEST(TiffPixels, FilesWithTexts) { check_files("texts_", 2); }

TEST(TiffDepths, UnsignedIntegers) { check_files("d_u", 300); }
TEST(TiffDepths, SignedIntegers) { check_files("d_i", 70); }
TEST(TiffDepths, Floats) { check_files("d_f", 80); }
TEST(TiffDepths, Palettes) { check_files("d_palette", 5); }
TEST(TiffDepths, Cielab) { check_files("d_lab", 20); }

TEST(TiffPixels, ManyThreadsReadOneSource) {
  const auto files = expectations("pyr_jpeg.tif");
  const std::vector<Expected>& levels = files.at("pyr_jpeg.tif");
  const OpenImage shared(image_path("pyr_jpeg.tif"));
  const auto work = [&](unsigned seed) {
    Memory memory;
    Lines log;
    const File file = open_file(image_path("pyr_jpeg.tif"));
    const Raster expected = expected_raster(levels[0], shared.info().format, memory);
    std::mt19937 random(seed);
    double largest = 0;
    for (int i = 0; i < 20; ++i) {
      const Rect rect = random_rect(levels[0].size, random);
      const Raster part = must(shared.source->read(ReadContext{file, memory.budget, log}, 0, rect));
      largest = std::max(largest, largest_difference(part, expected, rect));
    }
    EXPECT_EQ(largest, 0);
  };
  std::vector<std::jthread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) threads.emplace_back(work, seed);
}

}  // namespace
}  // namespace iip::test

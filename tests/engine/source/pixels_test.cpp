// Every pixel of every test picture, whole and in pieces, against numbers that the code under test
// had no part in.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>

#include "images.h"

namespace iip::test {
namespace {

constexpr int kRandomRects = 6;

Rect random_rect(const Size& size, std::mt19937& random) {
  const auto below = [&random](std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random);
  };
  const std::int64_t x = below(size.width);
  const std::int64_t y = below(size.height);
  return {x, y, 1 + below(size.width - x), 1 + below(size.height - y)};
}

// The largest difference between `part` and what `whole` holds at `rect`.
int largest_difference(const Raster& part, const Raster& whole, const Rect& rect) {
  int largest = 0;
  const std::size_t bytes = part.row_bytes();
  for (std::int64_t y = 0; y < rect.height; ++y) {
    const std::uint8_t* a = part.row(y);
    const std::uint8_t* b =
        whole.row(rect.y + y) + static_cast<std::size_t>(rect.x) * whole.format().pixel_bytes();
    if (std::memcmp(a, b, bytes) == 0) continue;
    for (std::size_t i = 0; i < bytes; ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

void check_file(const std::string& name, const std::vector<Expected>& levels) {
  SCOPED_TRACE(name);
  OpenImage image(image_path(name));
  ASSERT_EQ(image.info().levels.size(), levels.size());
  std::mt19937 random(1);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Size& size = levels[level].size;
    ASSERT_EQ(image.info().levels[level].size, size) << "level " << level;
    ASSERT_EQ(image.info().format.channels(), levels[level].channels);
    const Raster expected = expected_raster(levels[level], image.info().format, image.memory);
    std::vector<Rect> rects{Rect::of(size), {size.width - 1, size.height - 1, 1, 1}};
    for (int i = 0; i < kRandomRects; ++i) rects.push_back(random_rect(size, random));
    for (const Rect& rect : rects) {
      const Raster part = image.read(level, rect);
      ASSERT_EQ(part.size(), rect.size());
      EXPECT_LE(largest_difference(part, expected, rect), levels[level].tolerance)
          << "level " << level << ", " << rect.width << "x" << rect.height << " at " << rect.x
          << "," << rect.y;
    }
  }
  EXPECT_LT(image.memory.budget.used(), std::uint64_t{1}) << "memory still counted";
}

void check_files(const std::string& prefix, std::size_t at_least) {
  const auto files = expectations(prefix);
  ASSERT_GE(files.size(), at_least);
  for (const auto& [name, levels] : files) check_file(name, levels);
}

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
TEST(TiffPixels, ColourMapOfBytes) { check_files("palette_narrow", 1); }
TEST(TiffPixels, FilesWithTexts) { check_files("texts_", 2); }

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
    int largest = 0;
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

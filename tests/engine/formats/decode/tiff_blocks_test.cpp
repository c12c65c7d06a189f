// What it takes to read the blocks of a TIFF image: how often the file is gone to, and what is said
// of it before.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "support/images.h"

namespace iip::test {
namespace {

// Of this thread, so far.
long calls_of_read() {
  std::ifstream file("/proc/thread-self/io");
  for (std::string name; file >> name;) {
    long count = 0;
    file >> count;
    if (name == "syscr:") return count;
  }
  throw std::runtime_error("the system counts no reads");
}

// A grey picture of 64 columns in `tiles` tiles of 64x16 below one another, each with bytes of its
// own, whose places lie in arrays of 8 bytes an element (BigTIFF).
class TallTiff {
 public:
  explicit TallTiff(std::uint64_t tiles) : tiles_(tiles) {
    const int file = ::mkstemp(path_.data());
    UniqueFd owner(file);
    std::string bytes = contents();
    if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("the file can not be written");
    }
  }
  TallTiff(const TallTiff&) = delete;
  TallTiff& operator=(const TallTiff&) = delete;
  ~TallTiff() { ::unlink(path_.c_str()); }

  const std::string& path() const { return path_; }
  static int value(std::int64_t row) { return static_cast<int>(row / kRows % 251); }

  static constexpr std::int64_t kColumns = 64;
  static constexpr std::int64_t kRows = 16;

 private:
  static void put(std::string& out, std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 255U);
  }
  static void entry(std::string& out, std::uint64_t tag, std::uint64_t count, std::uint64_t value) {
    put(out, tag, 2);
    put(out, 16, 2);  // LONG8
    put(out, count, 8);
    put(out, value, 8);
  }

  std::string contents() const {
    constexpr std::uint64_t kHead = 16;
    constexpr std::uint64_t kTile = kColumns * kRows;
    const std::uint64_t offsets = kHead + tiles_ * kTile;
    const std::uint64_t counts = offsets + 8 * tiles_;
    std::string out("II\x2B\0\x08\0\0\0", 8);
    put(out, counts + 8 * tiles_, 8);
    for (std::uint64_t i = 0; i < tiles_; ++i) {
      out.append(kTile, static_cast<char>(value(static_cast<std::int64_t>(i) * kRows)));
    }
    for (std::uint64_t i = 0; i < tiles_; ++i) put(out, kHead + i * kTile, 8);
    for (std::uint64_t i = 0; i < tiles_; ++i) put(out, kTile, 8);
    put(out, 9, 8);
    entry(out, 256, 1, kColumns);
    entry(out, 257, 1, tiles_ * kRows);
    entry(out, 258, 1, 8);
    entry(out, 259, 1, 1);
    entry(out, 262, 1, 1);
    entry(out, 322, 1, kColumns);
    entry(out, 323, 1, kRows);
    entry(out, 324, tiles_, offsets);
    entry(out, 325, tiles_, counts);
    put(out, 0, 8);
    return out;
  }

  const std::uint64_t tiles_;
  std::string path_ = testing::TempDir() + "tall-XXXXXX";
};

// The places of all come in a few dozen reads, and the tiles in one each.
TEST(TiffBlocks, PlacesAreReadManyAtATime) {
  constexpr std::int64_t kTiles = 6000;
  const TallTiff file(kTiles);
  OpenImage image(file.path());
  const Rect all = Rect::of(image.info().size());
  const long before = calls_of_read();
  const Raster raster = image.read(0, all);
  const long calls = calls_of_read() - before;
  EXPECT_GE(calls, kTiles);
  EXPECT_LT(calls, kTiles + 100);
  for (std::int64_t y = 0; y < all.height; ++y) {
    ASSERT_EQ(raster.samples<std::uint8_t>(y).front(), TallTiff::value(y)) << y;
  }
}

// Of one tile neither more nor fewer than its own.
TEST(TiffBlocks, OneTileTakesThreeReads) {
  const TallTiff file(6000);
  OpenImage image(file.path());
  const long before = calls_of_read();
  const Raster raster = image.read(0, {0, 4001, 64, 5});
  EXPECT_EQ(calls_of_read() - before, 3 + 1);  // and the look at the count itself
  EXPECT_EQ(raster.samples<std::uint8_t>(0).front(), TallTiff::value(4001));
}

TEST(TiffBlocks, EffortIsThatOfTheBlocksThatAreTouched) {
  const TallTiff file(6000);
  OpenImage image(file.path());
  // Rows of uncompressed tiles are read alone.
  Effort effort = image.source->effort(0, {3, 15, 2, 2});
  EXPECT_EQ(effort.blocks, 2);
  EXPECT_EQ(effort.bytes, 2 * 64);
  effort = image.source->effort(0, Rect::of(image.info().size()));
  EXPECT_EQ(effort.blocks, 6000);
  EXPECT_EQ(effort.bytes, 6000 * 64 * 16);
}

}  // namespace
}  // namespace iip::test

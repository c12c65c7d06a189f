// What a JPEG 2000 file states of the lengths of its packets and tile-parts: relied on as long as
// it holds, and told of once where it does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/pixel_check.h"

namespace iip::test {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::string_view kWarning = "lengths of its packets is wrong";

class Jp2Lengths : public ::testing::Test {
 protected:
  OpenImage open(const std::string& name, const Data& data) {
    write_file(folder_.file(name), data);
    return OpenImage(folder_.file(name));
  }

  // Reads `rect` of a level and compares it with what the file of that name must give.
  static void expect_pixels(OpenImage& image, const std::string& name, std::size_t level,
                            const Rect& rect) {
    const std::vector<Expected> levels = expectations(name).at(name);
    const Raster whole = expected_raster(levels[level], image.info().format, image.memory);
    EXPECT_EQ(largest_difference(image.read(level, rect), whole, rect), 0);
  }

  ScratchFolder folder_;
};

std::size_t place_of(const Data& data, const Data& what, std::size_t from) {
  const auto at = std::search(data.begin() + static_cast<std::ptrdiff_t>(from), data.end(),
                              what.begin(), what.end());
  EXPECT_NE(at, data.end());
  return static_cast<std::size_t>(at - data.begin());
}

// The finest resolution comes last, and is not there.
TEST_F(Jp2Lengths, PacketsThatAreNotNeededAreNotRead) {
  const std::string name = "jp2_lengths_rpcl.jp2";
  Data data = read_file(image_path(name));
  std::fill(data.begin() + static_cast<std::ptrdiff_t>(data.size() / 2), data.end() - 2, 0xFF);
  OpenImage image = open(name, data);
  const Size size = expectations(name).at(name)[3].size;
  expect_pixels(image, name, 3, Rect::of(size));
  EXPECT_FALSE(image.log.contains(LogLevel::warning, ""));
  EXPECT_FALSE(image.try_read(0, {300, 200, 50, 50}));
}

// Nothing leads from the first tile-part to the others.
TEST_F(Jp2Lengths, TilePartsThatAreNotNeededAreNotRead) {
  const std::string name = "jp2_lengths_tlm_tiles_true.j2k";
  Data data = read_file(image_path(name));
  const Data start{0xFF, 0x90, 0x00, 0x0A, 0x00};
  data[place_of(data, start, place_of(data, start, 0) + 1) + 1] = 0;
  OpenImage image = open(name, data);
  expect_pixels(image, name, 0, {0, 0, 100, 100});
  expect_pixels(image, name, 0, {400, 280, 21, 23});
  EXPECT_FALSE(image.log.contains(LogLevel::warning, ""));
  const auto damaged = image.try_read(0, {200, 0, 100, 100});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::corrupt);
}

TEST_F(Jp2Lengths, WrongOnesAreToldOfOnce) {
  for (const auto& [name, levels] : expectations("jp2_lying_")) {
    OpenImage image(image_path(name));
    for (int i = 0; i < 2; ++i) image.read(0, Rect::of(levels[0].size));
    EXPECT_EQ(image.log.count(LogLevel::warning, kWarning), 1) << name;
    EXPECT_EQ(image.log.count(LogLevel::warning, ""), 1) << name;
  }
}

TEST_F(Jp2Lengths, TrueOnesAreNothingToTell) {
  for (const auto& [name, levels] : expectations("jp2_lengths_")) {
    OpenImage image(image_path(name));
    image.read(0, Rect::of(levels[0].size));
    EXPECT_EQ(image.log.text(LogLevel::warning), "") << name;
  }
}

TEST_F(Jp2Lengths, PackedHeadersAreNothingToTell) {
  for (const auto& [name, levels] : expectations("jp2_packed_")) {
    OpenImage image(image_path(name));
    image.read(0, Rect::of(levels[0].size));
    EXPECT_EQ(image.log.text(LogLevel::warning), "") << name;
  }
}

// Without a place to keep them, what packets say is read for each part anew.
TEST_F(Jp2Lengths, WithoutRoomAllIsServed) {
  const std::string name = "jp2_lengths_pcrl.jp2";
  OpenImage image(image_path(name));
  const Rect rect{100, 60, 200, 150};
  const Raster part =
      must(image.source->read(confined({image.file, image.memory.budget, image.log}), 0, rect));
  const std::vector<Expected> levels = expectations(name).at(name);
  EXPECT_EQ(largest_difference(part, expected_raster(levels[0], part.format(), image.memory), rect),
            0);
}

}  // namespace
}  // namespace iip::test

// JPEG 2000 files that lie. Whatever they say, the answer is an image or a proper error, at a
// bounded cost.
#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <string>

#include "hostile_jp2.h"

namespace iip::test {
namespace {

// A codestream of one tile whose header claims what it is told to.
struct Claim {
  std::uint32_t width = 100;
  std::uint32_t height = 100;
  std::uint32_t tile_width = 0;  // 0: as the image
  std::uint32_t tile_height = 0;
  std::uint64_t components = 3;
  std::uint64_t layers = 1;
  std::uint8_t levels = 5;
  std::uint8_t precinct = 0xFF;
  std::uint8_t block = 4;  // sides are 2^(block + 2)
  Data data = {};

  Data codestream() const {
    Data out;
    put(out, 0xFF4FFF51, 4);
    put(out, 38 + 3 * components, 2);
    put(out, 0, 2);
    for (const std::uint32_t side : {width, height, 0U, 0U}) put(out, side, 4);
    put(out, tile_width != 0 ? tile_width : width, 4);
    put(out, tile_height != 0 ? tile_height : height, 4);
    put(out, 0, 8);
    put(out, components, 2);
    for (std::uint64_t i = 0; i < components; ++i) put(out, 0x070101, 3);
    put(out, 0xFF52, 2);
    put(out, 13U + levels, 2);
    put(out, 0x0100, 2);
    put(out, layers, 2);
    put(out, 0, 1);
    put(out, levels, 1);
    put(out, block, 1);
    put(out, block, 1);
    put(out, 0x0001, 2);
    for (int i = 0; i <= levels; ++i) put(out, precinct, 1);
    put(out, 0xFF5C, 2);
    put(out, 4U + 3U * levels, 2);
    for (int i = 0; i < 2 + 3 * levels; ++i) put(out, 0x40, 1);
    put(out, 0xFF90000A0000, 6);
    put(out, 14 + data.size(), 4);
    put(out, 0x0001FF93, 4);
    out.insert(out.end(), data.begin(), data.end());
    put(out, 0xFFD9, 2);
    return out;
  }
};

class Jp2Hostile : public HostileJp2 {
 protected:
  // In 50 ms of processor time, and 256 MB more than there were.
  void expect_cheaply(const Claim& claim, ErrorKind kind) {
    const Data data = claim.codestream();
    const std::uint64_t before = peak_kilobytes();
    const std::clock_t start = std::clock();
    EXPECT_EQ(try_file(data), kind);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (kIsInstrumented) return;
    EXPECT_LT(seconds, 0.05);
    EXPECT_LT(peak_kilobytes() - before, std::uint64_t{256} << 10U);
  }
};

TEST_F(Jp2Hostile, ClaimsOfSize) {
  expect_cheaply({.width = 1'000'000'000, .height = 1'000'000'000}, ErrorKind::too_large);
  expect_cheaply({.width = 0x7FFFFFFF, .height = 0x7FFFFFFF}, ErrorKind::too_large);
  expect_cheaply({.width = 0xFFFFFFFF, .height = 1}, ErrorKind::too_large);
  expect_cheaply({.width = 60'000, .height = 60'000}, ErrorKind::corrupt);
  expect_cheaply({.width = 20'000, .height = 20'000, .data = Data(10)}, ErrorKind::corrupt);
  // All its packets are there, and empty; but of 268 million code-blocks.
  expect_cheaply({.width = 32'768, .height = 32'768, .block = 0, .data = Data(18)},
                 ErrorKind::too_large);
  expect_cheaply({.width = 0, .height = 10}, ErrorKind::corrupt);
}

TEST_F(Jp2Hostile, ClaimsOfNumber) {
  expect_cheaply({.components = 16'384}, ErrorKind::too_large);
  expect_cheaply({.components = 0}, ErrorKind::corrupt);
  expect_cheaply({.layers = 65'535}, ErrorKind::corrupt);
  expect_cheaply({.layers = 0}, ErrorKind::corrupt);
  expect_cheaply({.width = 60'000, .height = 60'000, .tile_width = 1, .tile_height = 1},
                 ErrorKind::corrupt);
  expect_cheaply({.width = 60'000, .height = 60'000, .tile_width = 300, .tile_height = 300},
                 ErrorKind::corrupt);
  expect_cheaply({.width = 30'000, .height = 30'000, .layers = 65'535, .precinct = 0x11},
                 ErrorKind::corrupt);
  expect_cheaply({.precinct = 0x00}, ErrorKind::corrupt);
  expect_cheaply({.levels = 33}, ErrorKind::corrupt);
}

TEST_F(Jp2Hostile, EmptyPacketsAreAnImage) {
  EXPECT_EQ(try_file(Claim{.data = Data(18)}.codestream()), std::nullopt);
  EXPECT_EQ(try_file(Claim{.data = Data(17)}.codestream()), ErrorKind::corrupt);
}

// A JP2 of 3 components with layers and precincts, one that states their lengths as well, and a
// grey one with all boxes.
TEST_F(Jp2Hostile, CutShortAnywhere) {
  for (const char* name : {"jp2_tiny.jp2", "jp2_tiny_lengths.jp2", "jp2_texts.jp2"}) {
    const Data whole = read_file(image_path(name));
    EXPECT_EQ(try_file(whole), std::nullopt);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto kind = try_file(Data(whole.begin(), whole.begin() + static_cast<long>(length)));
      expect_blames_the_file(kind);
      // Without the end marker the image is still there.
      EXPECT_TRUE(kind || length + 2 >= whole.size()) << name << " cut to " << length;
    }
  }
}

// A tile that breaks off. What opj_decompress refuses is refused; of a packet that ends in its
// header it makes something, which is refused here too.
TEST_F(Jp2Hostile, TilesThatBreakOff) {
  std::ifstream list(image_path("cut.refused"));
  int count = 0;
  for (std::string name; std::getline(list, name); ++count) {
    EXPECT_EQ(try_file(read_file(image_path(name))), ErrorKind::corrupt) << name;
  }
  EXPECT_GE(count, 40);
  for (const auto& [name, levels] : expectations("cut_header_")) {
    EXPECT_EQ(try_file(read_file(image_path(name))), ErrorKind::corrupt) << name;
  }
}

TEST_F(Jp2Hostile, EveryByteFlipped) {
  for (const char* name : {"jp2_tiny.jp2", "jp2_tiny_lengths.jp2"}) {
    Data data = read_file(image_path(name));
    for (std::size_t i = 0; i < data.size(); ++i) {
      SCOPED_TRACE(i);
      const std::uint8_t byte = data[i];
      for (const unsigned flip : {0xFFU}) {
        const std::clock_t start = std::clock();
        data[i] = static_cast<std::uint8_t>(byte ^ flip);
        expect_blames_the_file(try_file(data));
        const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
        if (!kIsInstrumented) {
          EXPECT_LT(seconds, 0.05);
        }
      }
      data[i] = byte;
    }
  }
}

}  // namespace
}  // namespace iip::test

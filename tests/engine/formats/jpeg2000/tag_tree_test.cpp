// Tag trees, by the example of their standard and by an encoder.
#include "engine/formats/jpeg2000/index/tag_tree.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "draw.h"
#include "tag_tree_encoder.h"
#include "tile_data.h"

namespace iip::test {
namespace {

constexpr int kMostValue = 100;

// As the number of zero bit planes is read: with higher and higher thresholds. -1: nowhere.
int read_value(J2kTagTree& tree, J2kHeaderBits& bits, int x, int y) {
  for (int value = 0; value <= kMostValue; ++value) {
    if (tree.is_below(bits, x, y, static_cast<std::uint16_t>(value + 1))) return value;
  }
  return -1;
}

// ISO/IEC 15444-1 figure B.12.
constexpr int kWidth = 6;
constexpr int kHeight = 3;
const std::vector<int> kExample{1, 3, 2, 3, 2, 3,  // q3
                                2, 2, 1, 4, 3, 2,  //
                                2, 2, 2, 2, 1, 2};

TEST(TagTree, TheExampleOfTheStandard) {
  TileData data(packet_header("01111001101"));
  J2kHeaderBits bits(data.bytes());
  J2kTagTree tree(kWidth, kHeight);
  EXPECT_EQ(read_value(tree, bits, 0, 0), 1);
  EXPECT_EQ(read_value(tree, bits, 1, 0), 3);
  EXPECT_EQ(read_value(tree, bits, 2, 0), 2);
  EXPECT_TRUE(bits.status());
}

// That the oracle of the other tests is what it claims: the levels of the figure, and its code.
TEST(TagTreeEncoder, TheExampleOfTheStandard) {
  TagTreeEncoder encoder(kWidth, kHeight, kExample);
  ASSERT_EQ(encoder.levels(), 4U);
  const std::vector<std::vector<int>> above{{1, 1, 2}, {2, 2, 1}};
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      EXPECT_EQ(encoder.value(1, x, y),
                above[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)]);
    }
  }
  EXPECT_EQ(encoder.value(2, 0, 0), 1);
  EXPECT_EQ(encoder.value(2, 1, 0), 1);
  EXPECT_EQ(encoder.value(3, 0, 0), 1);
  EXPECT_EQ(encoder.tell(0, 0, 2), "01111");
  EXPECT_EQ(encoder.tell(1, 0, 4), "001");
  EXPECT_EQ(encoder.tell(2, 0, 3), "101");
}

struct Question {
  int x;
  int y;
  int threshold;
};

// Leaves in any order, each asked for with thresholds that may be any: as inclusion is, whose are
// the numbers of layers, and as those of zero bit planes are, up to the value itself.
TEST(TagTree, WhateverIsAsked) {
  Draw draw(4);
  for (int run = 0; run < 200; ++run) {
    const int width = draw.between(1, run % 5 == 0 ? 70 : 9);
    const int height = draw.between(1, 9);
    const int most = draw.between(0, run % 7 == 0 ? kMostValue : 6);
    std::vector<int> leaves(static_cast<std::size_t>(std::int64_t{width} * height));
    for (int& leaf : leaves) leaf = draw.between(0, most);
    TagTreeEncoder encoder(width, height, leaves);

    std::vector<Question> questions;
    std::string told;
    for (int i = 0; i < 3 * width * height; ++i) {
      questions.push_back(
          {draw.between(0, width - 1), draw.between(0, height - 1), draw.between(0, most + 2)});
      told += encoder.tell(questions.back().x, questions.back().y, questions.back().threshold);
    }
    // Were a bit too many or too few read, these would not come next.
    told += "1010011100";
    TileData data(packet_header(told));
    J2kHeaderBits bits(data.bytes());
    J2kTagTree tree(width, height);
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Question& of = questions[i];
      ASSERT_EQ(tree.is_below(bits, of.x, of.y, static_cast<std::uint16_t>(of.threshold)),
                leaves[static_cast<std::size_t>(of.y * width + of.x)] < of.threshold)
          << "question " << i << " of run " << run;
    }
    EXPECT_EQ(bits.bits(10), 0b1010011100U) << "run " << run;
    EXPECT_TRUE(bits.status());
  }
}

TEST(TagTree, NodesAreThoseAboveTheLeaf) {
  J2kTagNodes<int> nodes(5, 3);
  ASSERT_EQ(nodes.layers(), 4U);  // 5 x 3, 3 x 2, 2 x 1, 1
  for (std::size_t layer = 0; layer < nodes.layers(); ++layer) {
    nodes.at(layer, 4, 2) = static_cast<int>(layer) + 1;
  }
  EXPECT_EQ(nodes.at(0, 4, 2), 1);
  EXPECT_EQ(nodes.at(0, 3, 2), 0);
  EXPECT_EQ(nodes.at(1, 4, 2), 2);
  EXPECT_EQ(nodes.at(1, 3, 2), 0);
  EXPECT_EQ(nodes.at(2, 4, 0), 3);
  EXPECT_EQ(nodes.at(2, 3, 2), 0);
  EXPECT_EQ(nodes.at(3, 0, 0), 4);
}

TEST(TagTree, NoLeaves) {
  EXPECT_EQ(J2kTagNodes<int>(0, 3).layers(), 0U);
  EXPECT_EQ(J2kTagNodes<int>(3, 0).layers(), 0U);
}

TEST(HeaderBits, BehindTheEndTheyAreZeroAndTold) {
  TileData data({0xFF, 0x7F});
  J2kHeaderBits bits(data.bytes());
  EXPECT_EQ(bits.bits(15), 0x7FFFU);
  EXPECT_TRUE(bits.status());
  EXPECT_EQ(bits.bits(9), 0U);
  ASSERT_FALSE(bits.status());
  EXPECT_EQ(bits.status().error().kind, ErrorKind::corrupt);
}

// A header does not end on a byte of ones: the stuffed one behind it belongs to it (B.10.1).
TEST(HeaderBits, TheEndOfAHeader) {
  TileData data({0xC0, 0xFF, 0x00, 0x12});
  const std::uint64_t begin = data.bytes().position();
  J2kHeaderBits first(data.bytes());
  first.bits(3);
  first.finish();
  EXPECT_EQ(data.bytes().position(), begin + 1);
  J2kHeaderBits second(data.bytes());
  second.bits(8);
  second.finish();
  EXPECT_EQ(data.bytes().position(), begin + 3);
}

// Table B.4.
TEST(PassCount, TheCodewordsOfTheStandard) {
  const auto read = [](const std::string& code) {
    TileData data(packet_header(code + "1"));
    J2kHeaderBits bits(data.bytes());
    const int count = read_pass_count(bits);
    EXPECT_EQ(bits.bit(), 1U) << code;
    return count;
  };
  EXPECT_EQ(read("0"), 1);
  EXPECT_EQ(read("10"), 2);
  EXPECT_EQ(read("1100"), 3);
  EXPECT_EQ(read("1101"), 4);
  EXPECT_EQ(read("1110"), 5);
  EXPECT_EQ(read("111100000"), 6);
  EXPECT_EQ(read("111111110"), 36);
  EXPECT_EQ(read("1111111110000000"), 37);
  EXPECT_EQ(read("1111111111111111"), 164);
}

}  // namespace
}  // namespace iip::test

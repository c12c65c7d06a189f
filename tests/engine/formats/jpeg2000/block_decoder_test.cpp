// The decoder of code-blocks, by the example of the standard and by an encoder: all coding styles,
// shapes and depths, and blocks that end anywhere.
#include "engine/formats/jpeg2000/decode/block_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "block_encoder.h"
#include "draw.h"

namespace iip::test {
namespace {

using Values = std::vector<std::int32_t>;

// The data of the first `passes` passes, as the index would tell it.
J2kBlockData data_of(const EncodedBlock& block, int passes, int zero_planes) {
  J2kBlockData data;
  data.zero_planes = zero_planes;
  data.passes = passes;
  for (const EncodedBlock::Segment& segment : block.segments) {
    if (passes == 0) break;
    const int taken = std::min(passes, segment.passes);
    data.segments.push_back({taken, segment.bytes.size()});
    passes -= taken;
  }
  return data;
}

template <class T>
Values copied(const J2kBlockDecoder& decoder, const J2kBlockShape& shape) {
  std::vector<T> out(static_cast<std::size_t>(shape.width) *
                     static_cast<std::size_t>(shape.height));
  decoder.copy(out.data());
  return {out.begin(), out.end()};
}

J2kBlockShape shape_of(const BlockEncoder::Shape& shape, const EncodedBlock& block,
                       int zero_planes) {
  return {.width = shape.width,
          .height = shape.height,
          .band = shape.band,
          .style = shape.style,
          .planes = block.planes + zero_planes};
}

// One for all blocks, as the engine has it: nothing of one is to be left to the next.
class BlockDecoder : public ::testing::Test {
 protected:
  Values decoded(const J2kBlockShape& shape, const J2kBlockData& data, const Data& bytes) {
    const Status status = decoder_.decode(shape, data, bytes);
    if (!status) {
      ADD_FAILURE() << status.error().detail;
      return {};
    }
    return copied<std::int32_t>(decoder_, shape);
  }

  void expect_decodes(const BlockEncoder::Shape& shape, const Values& values) {
    const EncodedBlock block = BlockEncoder::encode(shape, values);
    const J2kBlockShape of = shape_of(shape, block, 2);
    const J2kBlockData data = data_of(block, block.passes, 2);
    ASSERT_EQ(decoded(of, data, block.bytes()), block.known.back())
        << shape.width << " x " << shape.height << ", band " << shape.band << ", style "
        << shape.style << ", planes " << block.planes;
    if (J2kBlockDecoder::fits_16_bits(of, data)) {
      ASSERT_EQ(copied<std::int16_t>(decoder_, of), block.known.back());
    }
  }

  J2kBlockDecoder decoder_;
};

Values random_values(Draw& draw, const BlockEncoder::Shape& shape, int planes, int percent) {
  Values values;
  for (int i = 0; i < shape.width * shape.height; ++i) {
    // As many small ones as large ones.
    const int most = static_cast<int>((std::uint32_t{1} << draw.between(0, planes)) - 1);
    const int magnitude = draw.happens(percent) ? draw.between(0, most) : 0;
    values.push_back(draw.happens(50) ? -magnitude : magnitude);
  }
  return values;
}

Values doubled(const Values& values) {
  Values out;
  for (const std::int32_t value : values) {
    out.push_back(value == 0 ? 0 : value < 0 ? 2 * value - 1 : 2 * value + 1);
  }
  return out;
}

Data without_last(Data data) {
  data.pop_back();
  return data;
}

// ISO/IEC 15444-1 J.10: a column of LL of 16 passes, and one of LH of 7.
TEST_F(BlockDecoder, TheExampleOfTheStandard) {
  const J2kBlockData first{3, 16, {{16, 6}}, {}};
  EXPECT_EQ(decoded({.width = 1, .height = 5, .band = 0, .planes = 9}, first,
                    {0x01, 0x8F, 0x0D, 0xC8, 0x75, 0x5D}),
            doubled({-26, -22, -30, -32, -19}));
  const J2kBlockData second{7, 7, {{7, 3}}, {}};
  EXPECT_EQ(decoded({.width = 1, .height = 4, .band = 2, .planes = 10}, second, {0x0F, 0xB1, 0x76}),
            doubled({1, 5, 1, 0}));
}

// That the oracle of the other tests is what it claims. How the last byte of a segment is filled is
// an encoder's choice.
TEST(BlockEncoder, TheExampleOfTheStandard) {
  const EncodedBlock first =
      BlockEncoder::encode({.width = 1, .height = 5, .band = 0}, {-26, -22, -30, -32, -19});
  EXPECT_EQ(first.planes, 6);
  EXPECT_EQ(first.passes, 16);
  EXPECT_EQ(without_last(first.bytes()), (Data{0x01, 0x8F, 0x0D, 0xC8, 0x75}));
  EXPECT_EQ(first.known.back(), doubled({-26, -22, -30, -32, -19}));
  const EncodedBlock second =
      BlockEncoder::encode({.width = 1, .height = 4, .band = 2}, {1, 5, 1, 0});
  EXPECT_EQ(second.planes, 3);
  EXPECT_EQ(second.passes, 7);
  EXPECT_EQ(without_last(second.bytes()), (Data{0x0F, 0xB1}));
}

class BlockStyles : public BlockDecoder, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(All, BlockStyles, ::testing::Range(0, 64));

TEST_P(BlockStyles, EveryBand) {
  Draw draw(static_cast<std::uint32_t>(GetParam()));
  for (int band = 0; band < 4; ++band) {
    const BlockEncoder::Shape shape{draw.between(1, 40), draw.between(1, 40), band, GetParam()};
    expect_decodes(shape, random_values(draw, shape, draw.between(5, 10), 60));
  }
}

// After each pass, as where layers or an excerpt end, and with the rest there and left out.
TEST_P(BlockStyles, EveryPass) {
  Draw draw(static_cast<std::uint32_t>(GetParam()) + 100);
  const BlockEncoder::Shape shape{19, 10, draw.between(0, 3), GetParam()};
  const EncodedBlock block = BlockEncoder::encode(shape, random_values(draw, shape, 7, 60));
  const Data bytes = block.bytes();
  J2kBlockShape of = shape_of(shape, block, 1);
  for (int passes = 0; passes <= block.passes; ++passes) {
    const Values& known = block.known[static_cast<std::size_t>(passes)];
    of.passes_left_out = 0;
    ASSERT_EQ(decoded(of, data_of(block, passes, 1), bytes), known) << passes;
    of.passes_left_out = block.passes - passes;
    ASSERT_EQ(decoded(of, data_of(block, block.passes, 1), bytes), known) << passes;
    // Both: what is left out is counted from the end of the lowest plane, coded or not.
    const J2kBlockData some = data_of(block, std::min(passes + 2, block.passes), 1);
    ASSERT_EQ(decoded(of, some, bytes), known) << passes;
  }
}

TEST_F(BlockDecoder, EveryShape) {
  Draw draw(5);
  for (const auto& [width, height] : std::vector<std::pair<int, int>>{{1, 1},
                                                                      {1, 2},
                                                                      {2, 1},
                                                                      {3, 4},
                                                                      {4, 3},
                                                                      {15, 5},
                                                                      {16, 4},
                                                                      {17, 4},
                                                                      {16, 8},
                                                                      {33, 9},
                                                                      {1, 64},
                                                                      {64, 1},
                                                                      {64, 64},
                                                                      {32, 33},
                                                                      {4, 1024},
                                                                      {1024, 4},
                                                                      {5, 47}}) {
    for (const int percent : {2, 30, 100}) {
      const BlockEncoder::Shape shape{width, height, draw.between(0, 3),
                                      draw.happens(50) ? kCausal : 0};
      expect_decodes(shape, random_values(draw, shape, 6, percent));
    }
  }
}

// One sample in nothing: at each place of a block of several groups and stripes.
TEST_F(BlockDecoder, AnImpulseAnywhere) {
  for (const int style : {0, static_cast<int>(kCausal), static_cast<int>(kLazy)}) {
    const BlockEncoder::Shape shape{34, 9, 3, style};
    constexpr std::size_t kCount = 34UL * 9UL;
    for (std::size_t at = 0; at < kCount; ++at) {
      Values values(kCount);
      values[at] = at % 2 == 0 ? 37 : -21;
      expect_decodes(shape, values);
    }
  }
}

TEST_F(BlockDecoder, EveryDepth) {
  Draw draw(6);
  for (int planes = 1; planes <= 30; ++planes) {
    for (const int style : {0, static_cast<int>(kLazy), kLazy | kTerminateEach}) {
      const BlockEncoder::Shape shape{9, 7, 1, style};
      Values values = random_values(draw, shape, planes, 80);
      values[11] = static_cast<std::int32_t>((std::uint32_t{1} << planes) - 1);
      expect_decodes(shape, values);
    }
  }
}

TEST_F(BlockDecoder, NumbersOf16Bits) {
  EXPECT_TRUE(J2kBlockDecoder::fits_16_bits({.planes = 16}, {2, 1, {}, {}}));
  EXPECT_FALSE(J2kBlockDecoder::fits_16_bits({.planes = 16}, {1, 1, {}, {}}));
}

TEST_F(BlockDecoder, NoPasses) {
  EXPECT_EQ(decoded({.width = 3, .height = 2, .planes = 8}, {}, {}), Values(6));
}

// Whatever bytes there are, nothing but the block's own memory is used; for the sanitizers.
TEST_F(BlockDecoder, AnyBytes) {
  Draw draw(7);
  for (int run = 0; run < 300; ++run) {
    const J2kBlockShape shape{.width = draw.between(1, 64),
                              .height = draw.between(1, 64),
                              .band = draw.between(0, 3),
                              .style = draw.between(0, 31),
                              .planes = draw.between(1, 30)};
    J2kBlockData data;
    Data bytes;
    // More passes than there are planes for, too.
    data.passes = draw.between(1, 109);
    for (int pass = 0; pass < data.passes; ++pass) {
      if (pass == 0 || ends_segment(shape.style, pass - 1)) {
        data.segments.push_back({0, static_cast<std::uint64_t>(draw.between(0, 40))});
        for (std::uint64_t i = 0; i < data.segments.back().length; ++i) put(bytes, draw.byte(), 1);
      }
      ++data.segments.back().passes;
    }
    const Status status = decoder_.decode(shape, data, bytes);
    if (!status) continue;
    const Values values = copied<std::int32_t>(decoder_, shape);
    const std::int64_t most = (std::int64_t{2} << shape.planes) - 1;
    for (const std::int64_t value : values) ASSERT_LE(std::abs(value), most) << "run " << run;
  }
}

ErrorKind error_of(const Status& status) {
  EXPECT_FALSE(status);
  return status ? ErrorKind::not_found : status.error().kind;
}

TEST_F(BlockDecoder, AWrongSegmentationSymbol) {
  const Values values{5, -3, 0, 7, 1, 0};
  for (unsigned symbol = 0; symbol < 16; ++symbol) {
    const BlockEncoder::Shape shape{3, 2, 0, kSymbols, symbol};
    const EncodedBlock block = BlockEncoder::encode(shape, values);
    const Status status =
        decoder_.decode(shape_of(shape, block, 0), data_of(block, block.passes, 0), block.bytes());
    if (symbol == 0xA) {
      EXPECT_TRUE(status);
    } else {
      EXPECT_EQ(error_of(status), ErrorKind::corrupt) << symbol;
    }
  }
}

TEST_F(BlockDecoder, ASegmentBeyondTheData) {
  const J2kBlockData data{0, 7, {{4, 3}, {3, 4}}, {}};
  const J2kBlockShape shape{.width = 4, .height = 4, .style = kTerminateEach, .planes = 3};
  EXPECT_TRUE(decoder_.decode(shape, data, Data(7)));
  EXPECT_EQ(error_of(decoder_.decode(shape, data, Data(6))), ErrorKind::corrupt);
}

TEST_F(BlockDecoder, TooManyPlanes) {
  const J2kBlockData data{2, 1, {{1, 3}}, {}};
  EXPECT_TRUE(decoder_.decode({.width = 4, .height = 4, .planes = 32}, data, Data(3)));
  EXPECT_EQ(error_of(decoder_.decode({.width = 4, .height = 4, .planes = 33}, data, Data(3))),
            ErrorKind::corrupt);
}

// A region of interest is all that lies above the planes of the others (annex H), and these may use
// every plane they have.
TEST_F(BlockDecoder, ARegionOfInterest) {
  Draw draw(8);
  for (int shift = 1; shift <= 12; ++shift) {
    const BlockEncoder::Shape shape{13, 11, 0, 0};
    const int most = (1 << shift) - 1;
    Values wanted;
    Values coded;
    for (int i = 0; i < 13 * 11; ++i) {
      const bool is_inside = draw.happens(40);
      const int magnitude = is_inside ? draw.between(1, 1000)
                            : i == 0  ? most
                                      : draw.between(0, most);
      const int sign = draw.happens(50) ? -1 : 1;
      wanted.push_back(sign * magnitude);
      coded.push_back(is_inside ? sign * (magnitude << shift) : sign * magnitude);
    }
    const EncodedBlock block = BlockEncoder::encode(shape, coded);
    J2kBlockShape of = shape_of(shape, block, 0);
    of.region_shift = shift;
    Values values = decoded(of, data_of(block, block.passes, 0), block.bytes());
    for (std::int32_t& value : values) value /= 2;
    EXPECT_EQ(values, wanted) << shift;
  }
}

}  // namespace
}  // namespace iip::test

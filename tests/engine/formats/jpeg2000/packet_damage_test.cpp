// Packets that are wrong, or more than the index holds: bit by bit, of a single code-block.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "block_encoder.h"
#include "codestream_writer.h"
#include "component_coding.h"
#include "engine/formats/jpeg2000/index/packet_parser.h"
#include "packet_writer.h"
#include "parsed_resolution.h"
#include "tile_data.h"

namespace iip::test {
namespace {

// What a packet header begins with that brings the first passes: it has content, the block is
// included, and so many bit planes are zero.
std::string included(int zero_planes = 0) {
  return "11" + std::string(static_cast<std::size_t>(zero_planes), '0') + "1";
}

// One precinct of one code-block, in two layers.
class OneBlock {
 public:
  explicit OneBlock(int style = 0, std::uint64_t most_bytes = std::uint64_t{1} << 20)
      : resolution_({0, 0, 64, 64}, component_coding(0, 0xFF, 6, style), 2, 0, most_bytes) {}

  J2kCoding& tile() { return resolution_.tile; }

  // nullopt: all packets were read.
  std::optional<ErrorKind> read(const std::vector<Data>& parts, int packets = 1) {
    TileData data(parts);
    return read(data, data, packets);
  }
  std::optional<ErrorKind> read(TileData& headers, TileData& bodies, int packets) {
    J2kPacketParser parser(resolution_.tile, resolution_.coding, resolution_.room,
                           resolution_.table);
    for (int layer = 0; layer < packets; ++layer) {
      const Status status = parser.read(headers.bytes(), bodies.bytes(), 0, layer);
      if (!status) return status.error().kind;
    }
    return std::nullopt;
  }

  J2kBlockData found() const {
    J2kBlockData data;
    EXPECT_TRUE(resolution_.find(0, 0, 0, 0, data));
    return data;
  }

 private:
  ParsedResolution resolution_;
};

// `bits`, and a body of so many bytes.
Data packet(const std::string& bits, std::size_t length) {
  return joined({packet_header(bits), Data(length)});
}

std::optional<ErrorKind> kind_of(const Data& data, int style = 0) {
  return OneBlock(style).read({data});
}

// One pass; no more bits of length; five bytes.
const std::string kFiveBytes = "00101";

TEST(PacketDamage, ABodyBeyondTheData) {
  EXPECT_EQ(kind_of(packet(included() + kFiveBytes, 5)), std::nullopt);
  EXPECT_EQ(kind_of(packet(included() + kFiveBytes, 4)), ErrorKind::corrupt);
  EXPECT_EQ(kind_of(packet(included() + kFiveBytes, 0)), ErrorKind::corrupt);
}

// Packets do not go on in the next tile-part.
TEST(PacketDamage, ABodyBeyondItsTilePart) {
  const Data whole = packet(included() + kFiveBytes, 5);
  Data begun = whole;
  begun.pop_back();
  EXPECT_EQ(OneBlock().read({begun, Data(10)}), ErrorKind::corrupt);
  EXPECT_EQ(OneBlock().read({{}, whole, {}, {0}}, 2), std::nullopt);
}

TEST(PacketDamage, AHeaderThatBreaksOff) {
  // Two passes, and two of the four bits of their length.
  const Data begun = packet_header(included() + "10" + "0" + "00");
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(kind_of(begun), ErrorKind::corrupt);
  EXPECT_EQ(OneBlock().read({begun, Data(10)}), ErrorKind::corrupt);
  // Behind a byte of ones there is another.
  EXPECT_EQ(kind_of(Data{0xFF}), ErrorKind::corrupt);
}

TEST(PacketDamage, NoPacket) {
  EXPECT_EQ(OneBlock().read({Data{0}}, 1), std::nullopt);
  // OpenJPEG may make something of what is there.
  EXPECT_EQ(OneBlock().read({Data{0}}, 2), ErrorKind::unsupported);
  EXPECT_EQ(OneBlock().read({}, 1), ErrorKind::unsupported);
}

TEST(PacketDamage, ZeroPlanes) {
  OneBlock most;
  EXPECT_EQ(most.read({packet(included(74) + kFiveBytes, 5)}), std::nullopt);
  EXPECT_EQ(most.found().zero_planes, 74);
  EXPECT_EQ(kind_of(packet(included(75) + kFiveBytes, 5)), ErrorKind::corrupt);
  EXPECT_EQ(kind_of(Data(1000)), std::nullopt);  // empty
  EXPECT_EQ(kind_of(joined({Data{0xC0}, Data(1000)})), ErrorKind::corrupt);
}

// Three bits of length and 29 more are as many as there can be.
TEST(PacketDamage, BitsOfLength) {
  const std::string ones(29, '1');
  OneBlock most;
  EXPECT_EQ(most.read({packet(included() + "0" + ones + "0" + std::string(27, '0') + "10100", 20)}),
            std::nullopt);
  ASSERT_EQ(most.found().segments.size(), 1U);
  EXPECT_EQ(most.found().segments[0].length, 20U);
  EXPECT_EQ(kind_of(packet(included() + "0" + ones + "1", 99)), ErrorKind::corrupt);
  // Of two passes there is one bit more.
  EXPECT_EQ(kind_of(packet(included() + "10" + ones + "0", 99)), ErrorKind::corrupt);
  EXPECT_EQ(kind_of(Data(1000, 0xFF)), ErrorKind::corrupt);
}

TEST(PacketDamage, ALengthOf16Megabytes) {
  // 24 bits of length, and 25.
  const std::string most(24, '1');
  EXPECT_EQ(kind_of(packet(included() + "0" + std::string(21, '1') + "0" + most, 99)),
            ErrorKind::corrupt);  // there are not so many
  EXPECT_EQ(
      kind_of(packet(included() + "0" + std::string(22, '1') + "01" + std::string(24, '0'), 99)),
      ErrorKind::unsupported);
}

TEST(PacketDamage, Passes) {
  const auto passes = [](int count) { return included() + PacketBand::pass_count(count) + "0"; };
  const std::string no_lengths(2000, '0');
  EXPECT_EQ(kind_of(packet(passes(109) + no_lengths, 0)), std::nullopt);
  EXPECT_EQ(kind_of(packet(passes(110) + no_lengths, 0)), ErrorKind::unsupported);
  EXPECT_EQ(kind_of(packet(passes(164) + no_lengths, 0), kTerminateEach), std::nullopt);
  // Each of three bits of length; and one more in the next layer.
  const Data first = packet_header(passes(164) + std::string(492, '0'));
  const Data second = packet_header("110000000");
  EXPECT_EQ(OneBlock(kTerminateEach).read({joined({first, second})}, 2), ErrorKind::corrupt);
}

TEST(PacketDamage, ManySegments) {
  const Data many = packet(included() + PacketBand::pass_count(100) + std::string(2000, '0'), 0);
  EXPECT_EQ(OneBlock(kTerminateEach, 2000).read({many}), std::nullopt);
  EXPECT_EQ(OneBlock(kTerminateEach, 1000).read({many}), ErrorKind::unsupported);
}

TEST(PacketDamage, EndsOfHeaders) {
  const Data header = packet_header(included() + kFiveBytes);
  OneBlock with;
  with.tile().has_packet_header_ends = true;
  EXPECT_EQ(with.read({joined({header, Data{0xFF, 0x92}, Data(5)})}), std::nullopt);
  for (const Data& other : {Data{0xFF, 0x91}, Data{0xFE, 0x92}, Data{0xFF}, Data{}}) {
    OneBlock without;
    without.tile().has_packet_header_ends = true;
    EXPECT_EQ(without.read({joined({header, other})}), ErrorKind::unsupported);
  }
}

TEST(PacketDamage, StartsOfPackets) {
  const Data start{0xFF, 0x91, 0x00, 0x04, 0x00, 0x00};
  const auto read = [](const Data& data) {
    OneBlock block;
    block.tile().may_have_packet_starts = true;
    return block.read({data});
  };
  const Data body = packet(included() + kFiveBytes, 5);
  EXPECT_EQ(read(joined({start, body})), std::nullopt);
  EXPECT_EQ(read(body), std::nullopt);
  EXPECT_EQ(read(start), ErrorKind::corrupt);
  EXPECT_EQ(read(Data(start.begin(), start.begin() + 4)), ErrorKind::corrupt);
}

// Headers that lie elsewhere go on from one piece to the next, and their bodies do not.
TEST(PacketDamage, PackedHeaders) {
  const Data header = packet_header(included() + kFiveBytes);
  ASSERT_EQ(header.size(), 1U);
  const auto read = [](const std::vector<Data>& headers, const std::vector<Data>& bodies) {
    TileData packed(headers, J2kTileBytes::Kind::packed_headers);
    TileData data(bodies);
    return OneBlock().read(packed, data, 2);
  };
  EXPECT_EQ(read({header, {}, {0}}, {Data(5)}), std::nullopt);
  EXPECT_EQ(read({header}, {Data(5)}), ErrorKind::unsupported);
  EXPECT_EQ(read({header, {0x00}}, {Data(4), Data(5)}), ErrorKind::corrupt);
  EXPECT_EQ(read({header, {0xE0}}, {Data(5)}), ErrorKind::corrupt);
}

}  // namespace
}  // namespace iip::test

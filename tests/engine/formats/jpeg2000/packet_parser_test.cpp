// The parser of packets, by the example of the standard, by a writer, and by packets that are
// wrong.
#include "engine/formats/jpeg2000/index/packet_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "component_coding.h"
#include "draw.h"
#include "packet_writer.h"
#include "parsed_resolution.h"
#include "tile_data.h"

namespace iip::test {
namespace {

// ISO/IEC 15444-1 J.10: both packets of a picture of 1 x 9 samples.
TEST(PacketParser, TheExampleOfTheStandard) {
  TileData data({0xC7, 0xD4, 0x0C, 0x01, 0x8F, 0x0D, 0xC8, 0x75, 0x5D,  //
                 0xC0, 0x7C, 0x21, 0x80, 0x0F, 0xB1, 0x76});
  const std::uint64_t begin = data.offset(0);
  const J2kComponentCoding coding = component_coding(1, 0xFF, 6, 0);
  ParsedResolution low({0, 0, 1, 9}, coding, 1, 0);
  ParsedResolution high({0, 0, 1, 9}, coding, 1, 1);
  EXPECT_TRUE(J2kPacketParser(low.tile, coding, low.room, low.table)
                  .read(data.bytes(), data.bytes(), 0, 0));
  EXPECT_TRUE(J2kPacketParser(high.tile, coding, high.room, high.table)
                  .read(data.bytes(), data.bytes(), 0, 0));
  EXPECT_FALSE(data.bytes().has_more());

  J2kBlockData block;
  ASSERT_TRUE(low.find(0, 0, 0, 0, block));
  EXPECT_EQ(block.zero_planes, 3);
  EXPECT_EQ(block.passes, 16);
  ASSERT_EQ(block.pieces.size(), 1U);
  EXPECT_EQ(block.pieces[0].offset, begin + 3);
  EXPECT_EQ(block.pieces[0].length, 6U);
  ASSERT_TRUE(high.find(0, 1, 0, 0, block));
  EXPECT_EQ(block.zero_planes, 7);
  EXPECT_EQ(block.passes, 7);
  ASSERT_EQ(block.pieces.size(), 1U);
  EXPECT_EQ(block.pieces[0].offset, begin + 13);
  EXPECT_EQ(block.pieces[0].length, 3U);
  EXPECT_FALSE(high.find(0, 0, 0, 0, block));
  EXPECT_FALSE(high.find(0, 2, 0, 0, block));
}

// Packets of one resolution of a component, of random content, and where their bodies come to lie.
class RandomPackets {
 public:
  struct Place {
    std::size_t part = 0;
    std::uint64_t offset = 0;
  };

  RandomPackets(Draw& draw, int style, bool has_markers, bool is_packed)
      : draw_(draw), style_(style), has_markers_(has_markers), is_packed_(is_packed) {
    levels_ = draw.between(0, 3);
    resolution_ = draw.between(0, levels_);
    precinct_ = draw.between(2, 7);
    block_ = draw.between(2, 5);
    layers_ = draw.between(1, 5);
    component_ = {draw.between(0, 100), draw.between(0, 100), draw.between(1, 200),
                  draw.between(1, 200)};
    lay_out();
  }

  ParsedResolution resolution() const {
    return {component_,
            component_coding(levels_, static_cast<std::uint8_t>(precinct_ * 0x11), block_, style_),
            layers_, resolution_};
  }

  // Layer by layer, or precinct by precinct.
  void check() {
    const bool by_layers = draw_.happens(50);
    std::vector<std::pair<std::size_t, int>> order;
    for (std::size_t p = 0; p < precincts_.size(); ++p) {
      for (int layer = 0; layer < layers_; ++layer) order.emplace_back(p, layer);
    }
    if (by_layers) {
      std::stable_sort(order.begin(), order.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
    }
    for (const auto& [p, layer] : order) write(precincts_[p], layer);
    if (order.empty()) return;

    ParsedResolution read = resolution();
    ASSERT_EQ(read.layout.place.precincts.count(), static_cast<std::int64_t>(precincts_.size()));
    read.tile.may_have_packet_starts = has_markers_;
    read.tile.has_packet_header_ends = has_markers_;
    TileData bodies(bodies_);
    TileData headers(headers_, J2kTileBytes::Kind::packed_headers);
    J2kPacketParser parser(read.tile, read.coding, read.room, read.table);
    for (const auto& [p, layer] : order) {
      const Status status = parser.read(is_packed_ ? headers.bytes() : bodies.bytes(),
                                        bodies.bytes(), static_cast<std::int64_t>(p), layer);
      ASSERT_TRUE(status) << status.error().detail;
    }
    parser.finish();
    EXPECT_FALSE(bodies.bytes().has_more());
    EXPECT_FALSE(is_packed_ && headers.bytes().has_more());
    for (std::size_t p = 0; p < precincts_.size(); ++p) {
      for (int layers = 1; layers <= layers_; ++layers) compare(read, p, layers, bodies);
    }
  }

 private:
  struct Band {
    PacketBand blocks;
    std::int64_t left;  // of its first block in the grid of the band
    std::int64_t top;
    std::vector<std::vector<Place>> places;  // [block][layer]
  };
  using Precinct = std::vector<Band>;

  struct Range {
    std::int64_t begin;
    std::int64_t end;
  };

  static std::int64_t divided_up(std::int64_t a, std::int64_t b) {
    return a <= 0 ? 0 : (a + b - 1) / b;
  }

  // Along one axis: the code-blocks of a band in precinct `index`, by B.5 to B.7.
  Range blocks_along(std::int64_t begin, std::int64_t end, int odd, std::int64_t index) const {
    const int halvings = levels_ - resolution_;
    const int level = resolution_ == 0 ? levels_ : halvings + 1;
    const int in_band = resolution_ == 0 ? precinct_ : precinct_ - 1;
    const std::int64_t shift = odd == 0 ? 0 : std::int64_t{1} << (level - 1);
    const std::int64_t first =
        divided_up(begin, std::int64_t{1} << halvings) / (std::int64_t{1} << precinct_);
    const std::int64_t size = std::int64_t{1} << in_band;
    const std::int64_t from =
        std::max(divided_up(begin - shift, std::int64_t{1} << level), (first + index) * size);
    const std::int64_t to =
        std::min(divided_up(end - shift, std::int64_t{1} << level), (first + index + 1) * size);
    if (from >= to) return {0, 0};
    const std::int64_t block = std::int64_t{1} << std::min(block_, in_band);
    return {from / block, divided_up(to, block)};
  }
  std::int64_t precincts_along(std::int64_t begin, std::int64_t end) const {
    const std::int64_t halved = std::int64_t{1} << (levels_ - resolution_);
    const std::int64_t size = std::int64_t{1} << precinct_;
    if (divided_up(begin, halved) == divided_up(end, halved)) return 0;
    return divided_up(divided_up(end, halved), size) - divided_up(begin, halved) / size;
  }

  void lay_out() {
    const std::int64_t across = precincts_along(component_.x, component_.right());
    const std::int64_t down = precincts_along(component_.y, component_.bottom());
    for (std::int64_t p = 0; p < across * down; ++p) {
      Precinct& precinct = precincts_.emplace_back();
      for (int band = resolution_ == 0 ? 0 : 1; band < (resolution_ == 0 ? 1 : 4); ++band) {
        Range h = blocks_along(component_.x, component_.right(), band & 1, p % across);
        Range v = blocks_along(component_.y, component_.bottom(), band >> 1, p / across);
        if (h.begin == h.end || v.begin == v.end) h.end = h.begin;
        const auto width = static_cast<int>(h.end - h.begin);
        const auto height = static_cast<int>(v.end - v.begin);
        const auto count = static_cast<std::size_t>((h.end - h.begin) * (v.end - v.begin));
        std::vector<PacketBlock> blocks(count);
        for (PacketBlock& block : blocks) block = random_block();
        precinct.push_back({PacketBand(width, height, style_, std::move(blocks)), h.begin, v.begin,
                            std::vector<std::vector<Place>>(count)});
      }
    }
  }

  PacketBlock random_block() {
    PacketBlock block;
    block.zero_planes = draw_.happens(5) ? 74 : draw_.between(0, 9);
    block.layers.resize(static_cast<std::size_t>(layers_));
    if (draw_.happens(15)) return block;
    int passes = 0;
    for (Contribution& of : block.layers) {
      const int most = 109 - passes;
      if (!draw_.happens(60) || most == 0) continue;
      of.passes = draw_.between(1, draw_.happens(20) ? most : std::min(most, 8));
      for (std::size_t i = runs_of(style_, passes, of.passes).size(); i > 0; --i) {
        of.lengths.push_back(
            static_cast<std::uint32_t>(draw_.between(0, draw_.happens(5)    ? 3000
                                                        : draw_.happens(50) ? 9
                                                                            : 100)));
      }
      passes += of.passes;
    }
    return block;
  }

  void write(Precinct& precinct, int layer) {
    if (draw_.happens(20)) bodies_.emplace_back();
    const bool has_content =
        std::any_of(precinct.begin(), precinct.end(),
                    [layer](const Band& band) { return band.blocks.has_content(layer); });
    std::string bits = "0";
    // A packet may say of each code-block that it has nothing.
    const bool is_written = has_content || draw_.happens(30);
    if (is_written) {
      bits = "1";
      for (Band& band : precinct) bits += band.blocks.header(layer, draw_.between(0, 2));
    }
    Data header = packet_header(bits);
    if (has_markers_) put(header, 0xFF92, 2);
    if (has_markers_ && draw_.happens(70)) put(bodies_.back(), 0xFF9100040000, 6);
    if (is_packed_) {
      for (const std::uint8_t byte : header) {
        if (draw_.happens(10)) headers_.emplace_back();
        put(headers_.back(), byte, 1);
      }
    } else {
      put(bodies_.back(), header);
    }
    for (Band& band : precinct) {
      for (std::size_t i = 0; i < band.places.size(); ++i) {
        band.places[i].push_back({bodies_.size() - 1, bodies_.back().size()});
        const Contribution& of = band.blocks.blocks()[i].layers[static_cast<std::size_t>(layer)];
        put(bodies_.back(), Data(of.bytes(), 0xFF));
      }
    }
  }

  void compare(const ParsedResolution& read, std::size_t p, int layers,
               const TileData& bodies) const {
    const Precinct& precinct = precincts_[p];
    for (std::size_t b = 0; b < precinct.size(); ++b) {
      const Band& band = precinct[b];
      for (std::size_t i = 0; i < band.places.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const std::int64_t column = band.left + at % band.blocks.width();
        const std::int64_t row = band.top + at / band.blocks.width();
        ASSERT_EQ(read.layout.precinct_of(column, row), static_cast<std::int64_t>(p));
        J2kBlockData data;
        const bool is_found = read.table.find(read.layout, static_cast<std::int64_t>(p), b, column,
                                              row, layers, data);
        const PacketBlock& block = band.blocks.blocks()[i];
        ASSERT_EQ(is_found, block.first_layer() < layers);
        if (is_found) compare(data, block, band.places[i], layers, bodies);
      }
    }
  }

  void compare(const J2kBlockData& data, const PacketBlock& block, const std::vector<Place>& places,
               int layers, const TileData& bodies) const {
    EXPECT_EQ(data.zero_planes, block.zero_planes);
    int passes = 0;
    std::size_t piece = 0;
    std::vector<J2kBlockData::Segment> segments;
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
      const Contribution& of = block.layers[layer];
      if (of.passes == 0) continue;
      ASSERT_LT(piece, data.pieces.size());
      EXPECT_EQ(data.pieces[piece].length, of.bytes());
      // Where there are no bytes nobody asks where they are.
      if (of.bytes() != 0) {
        EXPECT_EQ(data.pieces[piece].offset,
                  bodies.offset(places[layer].part) + places[layer].offset);
      }
      ++piece;
      const std::vector<int> runs = runs_of(style_, passes, of.passes);
      for (std::size_t i = 0; i < runs.size(); ++i) {
        if (passes == 0 || ends_segment(style_, passes - 1)) segments.push_back({});
        segments.back().passes += runs[i];
        segments.back().length += of.lengths[i];
        passes += runs[i];
      }
    }
    EXPECT_EQ(piece, data.pieces.size());
    EXPECT_EQ(data.passes, passes);
    ASSERT_EQ(data.segments.size(), segments.size());
    for (std::size_t i = 0; i < segments.size(); ++i) {
      EXPECT_EQ(data.segments[i].passes, segments[i].passes) << i;
      EXPECT_EQ(data.segments[i].length, segments[i].length) << i;
    }
  }

  Draw& draw_;
  const int style_;
  const bool has_markers_;
  const bool is_packed_;
  int levels_ = 0;
  int resolution_ = 0;
  int precinct_ = 0;  // log2 of both sides
  int block_ = 0;
  int layers_ = 1;
  Rect component_;
  std::vector<Precinct> precincts_;
  std::vector<Data> bodies_ = std::vector<Data>(1);  // of each tile-part
  std::vector<Data> headers_ = std::vector<Data>(1);
};

class PacketStyles : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(All, PacketStyles,
                         ::testing::Values(0, kReset | kCausal | kSymbols, static_cast<int>(kLazy),
                                           static_cast<int>(kTerminateEach),
                                           kLazy | kTerminateEach));

TEST_P(PacketStyles, AnyPackets) {
  Draw draw(static_cast<std::uint32_t>(GetParam()));
  for (int run = 0; run < 80; ++run) {
    RandomPackets(draw, GetParam(), run % 2 == 1, run % 4 >= 2).check();
    ASSERT_FALSE(HasFailure()) << "run " << run;
  }
}

}  // namespace
}  // namespace iip::test

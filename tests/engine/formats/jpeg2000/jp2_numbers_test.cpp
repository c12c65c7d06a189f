// Numbers of JPEG 2000 files that are allowed one by one, and too large together.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hostile_jp2.h"

namespace iip::test {
namespace {

class Jp2Numbers : public HostileJp2 {
 protected:
  std::optional<ErrorKind> try_components(const std::vector<SizeSegment::Component>& components,
                                          std::uint32_t side = 6464) {
    const Data size =
        SizeSegment{.width = side, .height = side, .components = components}.segment();
    return try_file(codestream(joined({size, CodingSegment{}.segment(), quantisation(1)}),
                               tile_part(0, 0, {}, Data(components.size()))));
  }
};

// The spacings of 40 components, most of them primes: what they have in common has 300 bits.
TEST_F(Jp2Numbers, SpacingsWithoutCommonMultiple) {
  std::vector<SizeSegment::Component> components;
  for (const int spacing : {229, 101, 251, 193, 157, 191, 151, 127, 211, 241, 131, 239, 137, 113,
                            103, 167, 163, 223, 193, 229, 191, 151, 127, 151, 101, 193, 157, 151,
                            239, 151, 151, 239, 229, 103, 211, 193, 151, 163, 127, 199}) {
    const auto step = static_cast<std::uint8_t>(spacing);
    components.push_back({7, step, step});
  }
  EXPECT_EQ(try_components(components), ErrorKind::unsupported);
  EXPECT_EQ(try_components({{7, 1, 1}, {7, 251, 1}, {7, 241, 1}}), ErrorKind::unsupported);
  EXPECT_EQ(try_components({{7, 1, 1}, {7, 1, 251}, {7, 1, 241}}), ErrorKind::unsupported);
}

TEST_F(Jp2Numbers, SpacingsThatMeetAreShown) {
  EXPECT_EQ(try_components({{7, 255, 255}}), std::nullopt);
  EXPECT_EQ(try_components({{7, 1, 1}, {7, 255, 255}, {7, 255, 255}}, 300), std::nullopt);
  EXPECT_EQ(try_components({{7, 2, 2}, {7, 3, 3}, {7, 5, 5}}, 300), std::nullopt);
}

// A picture of one code-block with one pass, whose bit planes are those of a region of interest.
class OneBlock {
 public:
  OneBlock(int zero_planes, int shift) : zero_planes_(zero_planes), shift_(shift) {}

  Data codestream() const {
    const SizeSegment size{.width = 16, .height = 16};
    Data header = joined({size.segment(), CodingSegment{}.segment(), quantisation(1)});
    if (shift_ != 0) {
      put(header, segment(0xFF5E, {0, 0, static_cast<std::uint8_t>(shift_)}));
    }
    return test::codestream(header, tile_part(0, 0, {}, packet()));
  }

 private:
  // Not empty; included; zero bit planes; one pass; no more bits of length; 5 bytes.
  Data packet() const {
    const std::string planes(static_cast<std::size_t>(zero_planes_), '0');
    return joined({packet_header("11" + planes + "100101"), Data{0x12, 0x9A, 0x34, 0xC5, 0x6B}});
  }

  const int zero_planes_;
  const int shift_;
};

std::vector<int> pixels_of(const std::string& path) {
  OpenImage image(path);
  const Raster raster = image.read(0, {0, 0, 16, 16});
  std::vector<int> pixels;
  for (std::int64_t y = 0; y < 16; ++y) {
    const auto row = raster.samples<std::uint8_t>(y);
    pixels.insert(pixels.end(), row.begin(), row.end());
  }
  return pixels;
}

// No coefficient has as many bits as these regions are shifted by: all lie outside.
TEST_F(Jp2Numbers, RegionsOfInterestBeyondEveryBit) {
  constexpr int kZeroPlanes = 5;
  write_file(folder_.file("plain.j2k"), OneBlock(kZeroPlanes, 0).codestream());
  const std::vector<int> plain = pixels_of(folder_.file("plain.j2k"));
  EXPECT_GT(std::count_if(plain.begin(), plain.end(), [](int pixel) { return pixel != 128; }), 9);
  for (const int shift : {31, 32, 33, 37}) {
    write_file(folder_.file("region.j2k"), OneBlock(kZeroPlanes + shift, shift).codestream());
    EXPECT_EQ(pixels_of(folder_.file("region.j2k")), plain) << shift;
  }
}

}  // namespace
}  // namespace iip::test

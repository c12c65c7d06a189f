#include "engine/formats/encode_raster.h"
#include "engine/formats/webp/encoder.h"
#include "oracle.h"

namespace iip::test {
namespace {

struct Webp : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster pattern(const Size& size, const PixelFormat& format) {
    return make_raster(size, format, memory,
                       [](auto x, auto y, int c) { return (x * x + y * 37 + c * 91) % 256; });
  }
};

TEST_F(Webp, PhotographLosesNoMoreThanItsQualitySays) {
  const Raster photo = oracle.photo("coffee.jpg");
  double before = 0;
  for (const auto& [quality, least] : {std::pair{10, 29.0}, {50, 32.0}, {95, 38.0}}) {
    const ReadPicture picture = oracle.read(must(encode_webp(photo, quality, {})).span());
    EXPECT_EQ(picture["format"], "WEBP");
    EXPECT_EQ(picture["mode"], "RGB");
    const double ratio = psnr(picture.pixels, packed(photo));
    EXPECT_GE(ratio, least) << quality;
    EXPECT_GT(ratio, before);
    before = ratio;
  }
}

TEST_F(Webp, LosslessIsExactUnderTransparencyToo) {
  const Raster rgb = pattern({123, 57}, kRgb);
  EXPECT_EQ(oracle.read(must(encode_webp(rgb, -1, {})).span()).pixels, packed(rgb));
  const Raster rgba = pattern({64, 33}, kRgba);
  const ReadPicture transparent = oracle.read(must(encode_webp(rgba, -1, {})).span());
  EXPECT_EQ(transparent["mode"], "RGBA");
  EXPECT_EQ(transparent.pixels, packed(rgba));
}

TEST_F(Webp, GreyBecomesThreeEqualChannels) {
  const Raster grey = pattern({31, 29}, kGrey);
  const ReadPicture picture = oracle.read(must(encode_webp(grey, -1, {})).span());
  EXPECT_EQ(picture["mode"], "RGB");
  EXPECT_EQ(picture.pixels, tripled(packed(grey)));

  const Raster with_alpha = make_raster({8, 8}, kGreyAlpha, memory,
                                        [](auto x, auto y, int c) { return c * 100 + x + y; });
  const ReadPicture both = oracle.read(must(encode_webp(with_alpha, -1, {})).span());
  EXPECT_EQ(both["mode"], "RGBA");
  EXPECT_EQ((std::vector<std::uint8_t>(both.pixels.end() - 4, both.pixels.end())),
            (std::vector<std::uint8_t>{14, 14, 14, 114}));
}

TEST_F(Webp, Sides) {
  const ReadPicture point = oracle.read(must(encode_webp(pattern({1, 1}, kRgb), 50, {})).span());
  EXPECT_EQ(point["size"], "1 1");
  const Bytes longest = must(encode_webp(pattern({16383, 1}, kRgb), 50, {}));
  EXPECT_EQ(oracle.read(longest.span())["size"], "16383 1");
  const auto longer = encode_webp(pattern({16384, 1}, kRgb), 50, {});
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, ErrorKind::too_large);
}

TEST_F(Webp, RefusesDepth) {
  const Raster deep =
      must(Raster::create({4, 4}, {SampleType::u16, ColourModel::rgb, false}, memory.budget));
  ASSERT_FALSE(encode_webp(deep, 50, {}));
}

}  // namespace
}  // namespace iip::test

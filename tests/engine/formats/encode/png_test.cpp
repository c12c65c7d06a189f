#include "engine/formats/encode_raster.h"
#include "engine/formats/png/encoder.h"
#include "oracle.h"

namespace iip::test {
namespace {

struct Png : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster pattern(const Size& size, const PixelFormat& format) {
    return make_raster(size, format, memory,
                       [](auto x, auto y, int c) { return (x * x + y * 37 + c * 91) % 256; });
  }
};

TEST_F(Png, EveryFormatAndLevelDecodesExactly) {
  struct Case {
    PixelFormat format;
    const char* mode;
  };
  for (const Case& c :
       {Case{kGrey, "L"}, Case{kGreyAlpha, "LA"}, Case{kRgb, "RGB"}, Case{kRgba, "RGBA"}}) {
    for (const int level : {0, 1, 6, 9}) {
      const Raster raster = pattern({123, 57}, c.format);
      const ReadPicture picture = oracle.read(must(encode_png(raster, level, {})).span());
      EXPECT_EQ(picture["format"], "PNG");
      EXPECT_EQ(picture["mode"], c.mode);
      EXPECT_EQ(picture["size"], "123 57");
      EXPECT_EQ(picture.pixels, packed(raster)) << c.mode << ' ' << level;
    }
  }
}

TEST_F(Png, BlackAndWhiteTakesABit) {
  const auto is_white = [](auto x, auto y) { return (x * 7 + y * 3) % 11 < 4; };
  for (const Size& size : {Size{123, 57}, Size{8, 2}, Size{1, 9}}) {
    const Raster raster = make_raster(
        size, kGrey, memory, [&](auto x, auto y, int) { return is_white(x, y) ? 255 : 0; });
    const ReadPicture picture = oracle.read(must(encode_png(raster, 1, {})).span());
    EXPECT_EQ(picture["mode"], "1");
    EXPECT_EQ(picture.pixels, packed(raster));
  }
  // One grey among them, and it takes bytes.
  const Raster grey = make_raster(
      {20, 20}, kGrey, memory, [](auto x, auto y, int) { return x == 19 && y == 19 ? 128 : 255; });
  EXPECT_EQ(oracle.read(must(encode_png(grey, 1, {})).span())["mode"], "L");
}

TEST_F(Png, ExtremeShapes) {
  for (const Size& size : {Size{1, 1}, Size{1, 3000}, Size{3000, 1}, Size{1'200'000, 1}}) {
    const Raster raster = pattern(size, kGrey);
    const ReadPicture picture = oracle.read(must(encode_png(raster, 1, {})).span());
    EXPECT_EQ(picture["size"], std::to_string(size.width) + " " + std::to_string(size.height));
    EXPECT_EQ(picture.pixels, packed(raster));
  }
}

TEST_F(Png, HigherLevelsAreSmaller) {
  const Raster photo = oracle.photo("coffee.jpg");
  const std::size_t stored = must(encode_png(photo, 0, {})).size();
  const std::size_t fast = must(encode_png(photo, 1, {})).size();
  const std::size_t small = must(encode_png(photo, 9, {})).size();
  EXPECT_LT(fast, stored * 3 / 4);
  EXPECT_LT(small, fast);
}

TEST_F(Png, ProfileAndDensity) {
  const auto srgb = oracle.srgb_profile();
  const Raster raster = pattern({20, 20}, kRgb);
  PictureExtras extras;
  extras.icc_profile = Bytes(srgb);
  extras.density = Density{300 / 0.0254, 300 / 0.0254, Density::Unit::inch};
  const ReadPicture picture = oracle.read(must(encode_png(raster, 1, extras)).span());
  EXPECT_EQ(picture.profile, srgb);
  // 300 dpi are 11811 whole pixels per metre.
  EXPECT_EQ(picture["dpi"], "299.999 299.999");
  const ReadPicture plain = oracle.read(must(encode_png(raster, 1, {})).span());
  EXPECT_TRUE(plain.profile.empty());
  EXPECT_EQ(plain["dpi"], "");
}

TEST_F(Png, UnfitProfilesAreLeftOut) {
  const auto srgb = oracle.srgb_profile();
  const ReadPicture grey =
      oracle.read(must(encode_png(pattern({20, 20}, kGrey), 1, {Bytes(srgb), {}, {}})).span());
  EXPECT_TRUE(grey.profile.empty());
  // Cut short: the header promises more.
  auto cut = srgb;
  cut.resize(200);
  const Raster raster = pattern({20, 20}, kRgb);
  const ReadPicture damaged = oracle.read(must(encode_png(raster, 1, {Bytes(cut), {}, {}})).span());
  EXPECT_TRUE(damaged.profile.empty());
  EXPECT_EQ(damaged.pixels, packed(raster));
}

TEST_F(Png, SixteenBitsAreExact) {
  for (const auto& [model, alpha] : {std::pair{ColourModel::grey, false},
                                     {ColourModel::rgb, false},
                                     {ColourModel::grey, true},
                                     {ColourModel::rgb, true}}) {
    const PixelFormat format{SampleType::u16, model, alpha};
    Raster raster = must(Raster::create({37, 29}, format, memory.budget));
    for (std::int64_t y = 0; y < 29; ++y) {
      std::uint32_t value = static_cast<std::uint32_t>(y) * 7919U;
      for (std::uint16_t& sample : raster.samples<std::uint16_t>(y)) {
        sample = static_cast<std::uint16_t>(value);
        value += 12'345;
      }
    }
    const ReadPicture picture = oracle.samples(must(encode_png(raster, 1, {})).span());
    EXPECT_EQ(picture["format"], "ushort");
    EXPECT_EQ(picture.pixels, packed(raster));
  }
}

TEST_F(Png, RefusesOtherSamples) {
  for (const PixelFormat& format : {PixelFormat{SampleType::f32, ColourModel::grey, false},
                                    PixelFormat{SampleType::u8, ColourModel::cmyk, false},
                                    PixelFormat{SampleType::u8, ColourModel::rgb, false, 2}}) {
    const Raster raster = must(Raster::create({4, 4}, format, memory.budget));
    const auto refused = encode_png(raster, 1, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::internal);
  }
}

}  // namespace
}  // namespace iip::test

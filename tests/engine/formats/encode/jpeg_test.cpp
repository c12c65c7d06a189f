#include "engine/formats/encode_raster.h"
#include "engine/formats/jpeg/encoder.h"
#include "engine/formats/jpeg/splice.h"
#include "oracle.h"

namespace iip::test {
namespace {

struct Jpeg : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster gradient(const Size& size, const PixelFormat& format) {
    return make_raster(size, format, memory, [&](auto x, auto y, int c) {
      return (x * 200 / size.width + y * 50 / size.height + c * 10) % 256;
    });
  }
};

TEST_F(Jpeg, PhotographDecodesToWhatItWas) {
  const Raster photo = oracle.photo("coffee.jpg");
  for (const int quality : {30, 75, 95}) {
    const ReadPicture ours = oracle.read(must(encode_jpeg(photo, quality, {})).span());
    EXPECT_EQ(ours["format"], "JPEG");
    EXPECT_EQ(ours["mode"], "RGB");
    EXPECT_EQ(ours["size"],
              std::to_string(photo.size().width) + " " + std::to_string(photo.size().height));
    EXPECT_EQ(ours["sampling"], "2x2 1x1 1x1");
    EXPECT_EQ(ours["progressive"], "0");
    // The same tables as anyone's quality of that number, and no more loss.
    const ReadPicture pillow = oracle.pillow_jpeg(photo, quality);
    EXPECT_EQ(ours["table0"], pillow["table0"]);
    EXPECT_EQ(ours["table1"], pillow["table1"]);
    const auto pixels = packed(photo);
    EXPECT_LE(mean_difference(ours.pixels, pixels), mean_difference(pillow.pixels, pixels) + 0.05);
    EXPECT_LE(mean_difference(ours.pixels, pixels), 8);
  }
}

TEST_F(Jpeg, OptimisedTablesGiveTheSamePixelsInFewerBytes) {
  const Raster photo = oracle.photo("coffee.jpg");
  const Bytes standard = must(encode_jpeg(photo, 75, {}));
  const Bytes optimised = must(encode_jpeg(photo, 75, {}, true));
  EXPECT_LT(optimised.size(), standard.size());
  EXPECT_EQ(oracle.read(optimised.span()).pixels, oracle.read(standard.span()).pixels);
}

TEST_F(Jpeg, GreyHasOneComponent) {
  const Raster raster = gradient({301, 203}, kGrey);
  const ReadPicture picture = oracle.read(must(encode_jpeg(raster, 90, {})).span());
  EXPECT_EQ(picture["mode"], "L");
  EXPECT_EQ(picture["size"], "301 203");
  EXPECT_LE(mean_difference(picture.pixels, packed(raster)), 1);
}

TEST_F(Jpeg, EverySmallSize) {
  for (const Size& size : {Size{1, 1}, Size{1, 17}, Size{15, 1}, Size{16, 16}, Size{17, 33}}) {
    const Raster raster = gradient(size, kRgb);
    const ReadPicture picture = oracle.read(must(encode_jpeg(raster, 95, {})).span());
    EXPECT_EQ(picture["size"], std::to_string(size.width) + " " + std::to_string(size.height));
    EXPECT_LE(mean_difference(picture.pixels, packed(raster)), 6);
  }
}

TEST_F(Jpeg, NoiseAtFullQualityOutgrowsTheFirstBuffer) {
  std::uint32_t state = 1;
  const Raster noise = make_raster({400, 400}, kRgb, memory, [&](auto, auto, int) {
    state = state * 1664525U + 1013904223U;
    return state >> 24U;
  });
  const Bytes bytes = must(encode_jpeg(noise, 100, {}));
  EXPECT_GT(bytes.size(), 4096U + 400U * 400U / 4U);
  const ReadPicture picture = oracle.read(bytes.span());
  EXPECT_EQ(picture["size"], "400 400");
  EXPECT_EQ(bytes.data()[bytes.size() - 2], 0xFF);
  EXPECT_EQ(bytes.data()[bytes.size() - 1], 0xD9);
}

TEST_F(Jpeg, DensityIsStatedInTheUnitOfTheFile) {
  const Raster raster = gradient({20, 20}, kRgb);
  const auto read = [&](const Density& density) {
    return oracle.read(must(encode_jpeg(raster, 75, {{}, {}, density})).span());
  };
  const ReadPicture inches = read({300 / 0.0254, 150 / 0.0254, Density::Unit::inch});
  EXPECT_EQ(inches["jfif_unit"], "1");
  EXPECT_EQ(inches["jfif_density"], "300 150");
  const ReadPicture centimetres = read({11800, 11800, Density::Unit::centimetre});
  EXPECT_EQ(centimetres["jfif_unit"], "2");
  EXPECT_EQ(centimetres["jfif_density"], "118 118");
  for (const Density& none :
       {Density{1, 1, Density::Unit::unknown}, Density{1e12, 1e12, Density::Unit::inch},
        Density{0, 0, Density::Unit::inch},
        Density{std::nan(""), 5000, Density::Unit::centimetre}}) {
    EXPECT_EQ(read(none)["jfif_unit"], "0");
  }
}

TEST_F(Jpeg, ProfilesOfAnySizeComeBack) {
  const auto srgb = oracle.srgb_profile();
  const Raster raster = gradient({20, 20}, kRgb);
  // Longer than one, and than two segments of 65519 bytes.
  for (const std::size_t padding : {0U, 70'000U, 140'000U}) {
    auto profile = srgb;
    for (std::size_t i = 0; i < padding; ++i) profile.push_back(static_cast<std::uint8_t>(i * 7));
    const ReadPicture picture =
        oracle.read(must(encode_jpeg(raster, 75, {Bytes(profile), {}, {}})).span());
    EXPECT_EQ(picture.profile, profile);
  }
}

TEST_F(Jpeg, ProfileOfAnotherColourModelIsLeftOut) {
  const Bytes srgb(oracle.srgb_profile());
  const ReadPicture grey =
      oracle.read(must(encode_jpeg(gradient({20, 20}, kGrey), 75, {srgb, {}, {}})).span());
  EXPECT_TRUE(grey.profile.empty());
  const ReadPicture damaged = oracle.read(
      must(encode_jpeg(gradient({20, 20}, kRgb), 75, {Bytes(ByteVector(20, 1)), {}, {}})).span());
  EXPECT_TRUE(damaged.profile.empty());
}

TEST_F(Jpeg, RefusesAlphaDepthAndGiants) {
  const auto alpha = encode_jpeg(gradient({4, 4}, kRgba), 75, {});
  ASSERT_FALSE(alpha);
  EXPECT_EQ(alpha.error().kind, ErrorKind::internal);
  const Raster deep =
      must(Raster::create({4, 4}, {SampleType::u16, ColourModel::rgb, false}, memory.budget));
  EXPECT_FALSE(encode_jpeg(deep, 75, {}));
  const auto giant = encode_jpeg(gradient({65501, 1}, kGrey), 75, {});
  ASSERT_FALSE(giant);
  EXPECT_EQ(giant.error().kind, ErrorKind::too_large);
  EXPECT_TRUE(encode_jpeg(gradient({65500, 1}, kGrey), 75, {}));
}

// The index just past the end of the segment that starts at `at`.
std::size_t segment_end(ByteSpan jpeg, std::size_t at) {
  return at + 2 + jpeg[at + 2] * 256U + jpeg[at + 3];
}

// Takes an encoded picture apart into its tables and an abbreviated tile without them, as a TIFF
// stores it, then puts it together again by means of the spliced head.
TEST_F(Jpeg, SplicedTileIsAPictureOfItsOwn) {
  const Raster raster = oracle.photo("chelsea.jpg");
  const Bytes whole = must(encode_jpeg(raster, 75, {}));
  const ByteSpan jpeg = whole.span();
  ByteVector tables;
  ByteVector rest;
  std::size_t at = 2;
  while (jpeg[at + 1] != 0xDA) {
    const std::size_t end = segment_end(jpeg, at);
    const bool is_table = jpeg[at + 1] == 0xDB || jpeg[at + 1] == 0xC4;
    const bool is_frame = jpeg[at + 1] == 0xC0;
    ByteVector& to = is_table ? tables : rest;
    if (is_table || is_frame)
      to.insert(to.end(), jpeg.begin() + static_cast<std::ptrdiff_t>(at),
                jpeg.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  rest.insert(rest.end(), jpeg.begin() + static_cast<std::ptrdiff_t>(at), jpeg.end());

  auto profile = oracle.srgb_profile();
  profile.resize(150'000, 5);
  const Bytes head = jpeg_splice_head(Bytes(tables), {Bytes(profile), {}, {}});
  ByteVector spliced(head.span().begin(), head.span().end());
  spliced.insert(spliced.end(), rest.begin(), rest.end());
  const ReadPicture picture = oracle.read(spliced);
  EXPECT_EQ(picture["mode"], "RGB");
  EXPECT_EQ(picture["jfif_unit"], "none");
  EXPECT_EQ(picture.profile, profile);
  EXPECT_EQ(picture.pixels, oracle.read(jpeg).pixels);
}

TEST_F(Jpeg, SpliceHeadWithNothingIsTheStartMarker) {
  const Bytes head = jpeg_splice_head({}, {});
  EXPECT_EQ(ByteVector(head.span().begin(), head.span().end()), (ByteVector{0xFF, 0xD8}));
}

}  // namespace
}  // namespace iip::test

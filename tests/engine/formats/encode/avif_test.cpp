#include <sys/resource.h>

#include <cstdlib>

#include "engine/formats/avif/encoder.h"
#include "engine/formats/encode_raster.h"
#include "oracle.h"
#include "support/instrumented.h"

namespace iip::test {
namespace {

struct Avif : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster pattern(const Size& size, const PixelFormat& format) {
    return make_raster(size, format, memory,
                       [](auto x, auto y, int c) { return (x * x + y * 37 + c * 91) % 256; });
  }
};

// Qualities are spread evenly over the quantizers.
TEST_F(Avif, PhotographLosesNoMoreThanWithAvifenc) {
  const Raster photo = oracle.photo("coffee.jpg");
  double before = 0;
  for (const auto& [quality, quantizer] : {std::pair{10, 57}, {50, 32}, {90, 6}}) {
    const Bytes bytes = must(encode_avif(photo, quality, AvifCodec::any, {}));
    const ReadPicture picture = oracle.read(bytes.span());
    EXPECT_EQ(picture["format"], "AVIF");
    EXPECT_EQ(picture["mode"], "RGB");
    const double ratio = psnr(picture.pixels, packed(photo));
    EXPECT_GE(ratio, psnr(oracle.avifenc(photo, quantizer).pixels, packed(photo)) - 0.2);
    EXPECT_GT(ratio, before);
    before = ratio;
    EXPECT_EQ(oracle.avif_info(bytes.span())["Format"], "YUV420");
  }
}

TEST_F(Avif, LosslessIsExact) {
  const Raster rgb = pattern({123, 57}, kRgb);
  const Bytes bytes = must(encode_avif(rgb, -1, AvifCodec::any, {}));
  EXPECT_EQ(oracle.read(bytes.span()).pixels, packed(rgb));
  const ReadPicture info = oracle.avif_info(bytes.span());
  EXPECT_EQ(info["Format"], "YUV444");
  EXPECT_EQ(info["Range"], "Full");
  EXPECT_EQ(info["Matrix_Coeffs."], "0");

  const Raster rgba = pattern({65, 33}, kRgba);
  const ReadPicture transparent =
      oracle.read(must(encode_avif(rgba, -1, AvifCodec::any, {})).span());
  EXPECT_EQ(transparent["mode"], "RGBA");
  EXPECT_EQ(transparent.pixels, packed(rgba));
}

TEST_F(Avif, GreyIsOnePlane) {
  const Raster grey = pattern({31, 29}, kGrey);
  const Bytes bytes = must(encode_avif(grey, -1, AvifCodec::any, {}));
  EXPECT_EQ(oracle.read(bytes.span()).pixels, packed(grey));
  EXPECT_EQ(oracle.avif_info(bytes.span())["Format"], "YUV400");
  const Raster with_alpha = make_raster({8, 8}, kGreyAlpha, memory,
                                        [](auto x, auto y, int c) { return c * 100 + x + y; });
  const ReadPicture both =
      oracle.read(must(encode_avif(with_alpha, -1, AvifCodec::any, {})).span());
  EXPECT_EQ((std::vector<std::uint8_t>(both.pixels.end() - 4, both.pixels.end())),
            (std::vector<std::uint8_t>{14, 14, 14, 114}));
}

// Whatever a codec can not make by itself.
TEST_F(Avif, EveryCodecMakesEveryShape) {
  for (const AvifCodec codec : {AvifCodec::aom, AvifCodec::rav1e, AvifCodec::svt}) {
    for (const Size& size : {Size{1, 1}, Size{63, 64}, Size{64, 64}, Size{65, 130}}) {
      for (const PixelFormat& format : {kGrey, kRgb, kRgba}) {
        const Raster raster = make_raster(size, format, memory,
                                          [](auto x, auto y, int c) { return 100 + x + c - y; });
        const auto bytes = encode_avif(raster, 80, codec, {});
        ASSERT_TRUE(bytes) << static_cast<int>(codec) << ' ' << bytes.error().detail;
        const ReadPicture picture = oracle.read(bytes->span());
        EXPECT_EQ(picture["size"], std::to_string(size.width) + " " + std::to_string(size.height));
        EXPECT_LE(mean_difference(picture.pixels, packed(raster)), 3) << static_cast<int>(codec);
      }
    }
  }
}

TEST_F(Avif, RefusesGiantsAndDepth) {
  const auto giant = encode_avif(pattern({65537, 1}, kGrey), 50, AvifCodec::any, {});
  ASSERT_FALSE(giant);
  EXPECT_EQ(giant.error().kind, ErrorKind::too_large);
  const Raster deep =
      must(Raster::create({4, 4}, {SampleType::u16, ColourModel::rgb, false}, memory.budget));
  ASSERT_FALSE(encode_avif(deep, 50, AvifCodec::any, {}));
}

TEST_F(Avif, WorkingMemoryIsCounted) {
  const Raster raster = pattern({1000, 1000}, kRgb);
  MemoryBudget small(memory.pool, 10'000'000);
  const Encoding encoding{Format::avif, 50};
  const auto refused = encode(raster, encoding, {}, {small});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_TRUE(encode(raster, encoding, {}, memory.allowance));
  EXPECT_EQ(memory.pool.used(), raster.bytes());
}

// libavif would end the process.
TEST_F(Avif, WhereTheSystemHasNoMemoryThereIsNoPicture) {
  if (kIsInstrumented) GTEST_SKIP() << "the sanitizer's own memory would be limited";
  const Raster raster = pattern({4000, 3000}, kRgb);
  const rlimit no_more{std::uint64_t{64} << 20U, std::uint64_t{64} << 20U};
  const auto encode_without_memory = [&] {
    ::setrlimit(RLIMIT_AS, &no_more);
    const auto refused = encode(raster, {Format::avif, 50}, {}, memory.allowance);
    std::_Exit(!refused && refused.error().kind == ErrorKind::busy ? 0 : 1);
  };
  EXPECT_EXIT(encode_without_memory(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace iip::test

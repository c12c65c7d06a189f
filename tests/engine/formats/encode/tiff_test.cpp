#include "engine/formats/encode_raster.h"
#include "engine/formats/tiff/encoder.h"
#include "oracle.h"

namespace iip::test {
namespace {

constexpr PixelFormat kDeepGrey{SampleType::u16, ColourModel::grey, false};
constexpr PixelFormat kDeepRgba{SampleType::u16, ColourModel::rgb, true};
constexpr PixelFormat kFloatGrey{SampleType::f32, ColourModel::grey, false};
constexpr PixelFormat kFloatRgb{SampleType::f32, ColourModel::rgb, false};
constexpr PixelFormat kFourBands{SampleType::u8, ColourModel::rgb, false, 1};

struct Tiff : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster pattern(const Size& size, const PixelFormat& format) {
    if (format.type == SampleType::f32) return of_values<float>(size, format, -1.0F / 7);
    if (format.type == SampleType::u16) return of_values<std::uint16_t>(size, format, 257);
    return of_values<std::uint8_t>(size, format, 1);
  }

 private:
  template <class T, class Factor>
  Raster of_values(const Size& size, const PixelFormat& format, Factor factor) {
    Raster raster = must(Raster::create(size, format, memory.budget));
    for (std::int64_t y = 0; y < size.height; ++y) {
      std::int64_t i = 0;
      for (T& value : raster.samples<T>(y)) {
        value = static_cast<T>(static_cast<Factor>((i * i + y * 37) % 256) * factor);
        ++i;
      }
    }
    return raster;
  }
};

TEST_F(Tiff, LosslessSchemesKeepEveryDepth) {
  struct Case {
    PixelFormat format;
    const char* type;
    const char* photometric;  // as exiftool numbers it
    const char* extra;
  };
  for (const Case& c :
       {Case{kGrey, "uchar", "1", "absent"}, Case{kGreyAlpha, "uchar", "1", "2"},
        Case{kRgb, "uchar", "2", "absent"}, Case{kRgba, "uchar", "2", "2"},
        Case{kDeepGrey, "ushort", "1", "absent"}, Case{kDeepRgba, "ushort", "2", "2"},
        Case{kFourBands, "uchar", "2", "0"}, Case{kFloatGrey, "float", "1", "absent"},
        Case{kFloatRgb, "float", "2", "absent"}}) {
    for (const TiffScheme scheme :
         {TiffScheme::none, TiffScheme::lzw, TiffScheme::deflate, TiffScheme::zstd}) {
      const Raster raster = pattern({123, 57}, c.format);
      const Bytes bytes = must(encode_tiff(raster, scheme, 9, {}));
      const ReadPicture picture = oracle.samples(bytes.span());
      EXPECT_EQ(picture["format"], c.type);
      EXPECT_EQ(picture["bands"], std::to_string(c.format.channels()));
      EXPECT_EQ(picture.pixels, packed(raster)) << c.type << ' ' << static_cast<int>(scheme);
      if (scheme != TiffScheme::lzw) continue;
      const ReadPicture tags = oracle.tags(bytes.span());
      EXPECT_EQ(tags["IFD0:PhotometricInterpretation"], c.photometric);
      EXPECT_EQ(tags["IFD0:ExtraSamples"], c.extra);
      EXPECT_EQ(tags["IFD0:Compression"], "5");
      EXPECT_EQ(tags["IFD0:Predictor"], c.format.type == SampleType::f32 ? "3" : "2");
      EXPECT_EQ(tags["IFD0:Orientation"], "1");
    }
  }
}

TEST_F(Tiff, JpegAndWebpLoseLittle) {
  const Raster photo = oracle.photo("chelsea.jpg");
  for (const auto& [scheme, number] :
       {std::pair{TiffScheme::jpeg, "7"}, {TiffScheme::webp, "50001"}}) {
    const Bytes bytes = must(encode_tiff(photo, scheme, 90, {}));
    EXPECT_EQ(oracle.tags(bytes.span())["IFD0:Compression"], number);
    const ReadPicture picture = oracle.read(bytes.span());
    EXPECT_EQ(picture["mode"], "RGB");
    EXPECT_GE(psnr(picture.pixels, packed(photo)), 33) << number;
  }
  // Grey has no chroma, RGB is stored as YCbCr with half of it.
  const Bytes colour = must(encode_tiff(photo, TiffScheme::jpeg, 75, {}));
  EXPECT_EQ(oracle.tags(colour.span())["IFD0:PhotometricInterpretation"], "6");
  EXPECT_EQ(oracle.tags(colour.span())["IFD0:YCbCrSubSampling"], "2 2");
  const Raster ramp =
      make_raster({301, 203}, kGrey, memory, [](auto x, auto y, int) { return (x + y) / 2; });
  const Bytes grey = must(encode_tiff(ramp, TiffScheme::jpeg, 90, {}));
  EXPECT_EQ(oracle.tags(grey.span())["IFD0:PhotometricInterpretation"], "1");
  EXPECT_LE(mean_difference(oracle.read(grey.span()).pixels, packed(ramp)), 1);
}

TEST_F(Tiff, DeflateTakesThePlaceOfWhatCanNotHoldThePicture) {
  for (const auto& [scheme, format] : {std::pair{TiffScheme::jpeg, kRgba},
                                       {TiffScheme::jpeg, kDeepGrey},
                                       {TiffScheme::webp, kGrey},
                                       {TiffScheme::webp, kFloatRgb},
                                       {TiffScheme::jpeg, kFourBands}}) {
    const Raster raster = pattern({40, 30}, format);
    const Bytes bytes = must(encode_tiff(raster, scheme, 90, {}));
    EXPECT_EQ(oracle.tags(bytes.span())["IFD0:Compression"], "8");
    EXPECT_EQ(oracle.samples(bytes.span()).pixels, packed(raster));
  }
}

TEST_F(Tiff, LargePicturesAreTiled) {
  for (const Size& size : {Size{2048, 700}, Size{2049, 300}, Size{10, 2500}}) {
    const Raster raster = pattern(size, kRgb);
    const Bytes bytes = must(encode_tiff(raster, TiffScheme::zstd, 1, {}));
    EXPECT_EQ(oracle.samples(bytes.span()).pixels, packed(raster));
    const ReadPicture tags = oracle.tags(bytes.span());
    const bool tiled = std::max(size.width, size.height) > 2048;
    EXPECT_EQ(tags["IFD0:TileWidth"], tiled ? "256" : "absent");
    EXPECT_EQ(tags["IFD0:RowsPerStrip"], tiled ? "absent" : "16");
  }
  // Whole MCUs, whatever lies beyond the edge.
  const Raster grey =
      make_raster({2050, 20}, kGrey, memory, [](auto x, auto, int) { return x < 2048 ? 200 : 90; });
  const auto pixels = oracle.read(must(encode_tiff(grey, TiffScheme::jpeg, 95, {})).span()).pixels;
  EXPECT_LE(mean_difference(pixels, packed(grey)), 1);
}

TEST_F(Tiff, EverySmallSize) {
  for (const Size& size : {Size{1, 1}, Size{1, 17}, Size{15, 1}, Size{17, 33}}) {
    for (const TiffScheme scheme :
         {TiffScheme::none, TiffScheme::deflate, TiffScheme::jpeg, TiffScheme::webp}) {
      const Raster raster = make_raster(size, kRgb, memory, [](auto, auto, int) { return 100; });
      const ReadPicture picture = oracle.read(must(encode_tiff(raster, scheme, 90, {})).span());
      EXPECT_EQ(picture["size"], std::to_string(size.width) + " " + std::to_string(size.height));
      EXPECT_LE(mean_difference(picture.pixels, packed(raster)), 2);
    }
  }
}

TEST_F(Tiff, RefusesWhatItHasNoPlaceFor) {
  const Raster lab =
      must(Raster::create({4, 4}, {SampleType::f32, ColourModel::lab, false}, memory.budget));
  EXPECT_FALSE(encode_tiff(lab, TiffScheme::none, 1, {}));
  const Raster wide =
      must(Raster::create({4, 4}, {SampleType::u32, ColourModel::grey, false}, memory.budget));
  EXPECT_FALSE(encode_tiff(wide, TiffScheme::none, 1, {}));
}

}  // namespace
}  // namespace iip::test

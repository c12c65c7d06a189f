// SGI's logarithmic codecs, which no tool at hand writes from floats but libtiff itself.
#include <gtest/gtest.h>
#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/formats/open_source.h"
#include "support/images.h"

namespace iip::test {
namespace {

constexpr std::uint32_t kWidth = 150;
constexpr std::uint32_t kHeight = 70;
constexpr std::uint32_t kRows = 32;

// Luminances over six decades, with x and y of 1/3 and other colours.
std::vector<float> xyz_row(std::uint32_t y, int samples) {
  std::vector<float> row;
  for (std::uint32_t x = 0; x < kWidth; ++x) {
    const float luminance = std::pow(10.0F, static_cast<float>(x) / 25 - 3);
    if (samples == 1) {
      row.push_back(luminance);
    } else {
      const float shift = static_cast<float>(y) / 200;
      row.insert(row.end(), {luminance * (1 + shift), luminance, luminance * (1 - shift)});
    }
  }
  return row;
}

void write_picture(const std::string& path, int compression, int samples) {
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  ASSERT_NE(tiff, nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kWidth);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kHeight);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kRows);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, samples == 1 ? PHOTOMETRIC_LOGL : PHOTOMETRIC_LOGLUV);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
  TIFFSetField(tiff, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    std::vector<float> row = xyz_row(y, samples);
    ASSERT_EQ(TIFFWriteScanline(tiff, row.data(), y, 0), 1);
  }
  TIFFClose(tiff);
}

std::vector<float> decoded_by_libtiff(const std::string& path, int samples) {
  std::vector<float> pixels(std::size_t{kWidth} * kHeight * static_cast<std::size_t>(samples));
  TIFF* tiff = TIFFOpen(path.c_str(), "rm");
  TIFFSetField(tiff, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
  const std::size_t row = pixels.size() / kHeight;
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    EXPECT_EQ(TIFFReadScanline(tiff, pixels.data() + y * row, y, 0), 1);
  }
  TIFFClose(tiff);
  return pixels;
}

TEST(LogLuv, LuminanceIsWhatLibtiffDecodes) {
  const ScratchFolder folder;
  const std::string path = folder.file("log.tif");
  write_picture(path, COMPRESSION_SGILOG, 1);
  OpenImage image(path);
  ASSERT_EQ(image.info().format, (PixelFormat{SampleType::f32, ColourModel::grey, false, 0}));
  const Raster raster = image.read(0, {0, 0, kWidth, kHeight});
  const std::vector<float> expected = decoded_by_libtiff(path, 1);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    for (std::uint32_t x = 0; x < kWidth; ++x) {
      ASSERT_EQ(raster.samples<float>(y)[x], expected[y * kWidth + x]) << x << " " << y;
      // The coding itself is good to 0.3 per cent.
      ASSERT_NEAR(expected[y * kWidth + x] / xyz_row(y, 1)[x], 1, 0.005);
    }
  }
}

TEST(LogLuv, ColoursAreLinearRgb) {
  for (const int compression : {COMPRESSION_SGILOG, COMPRESSION_SGILOG24}) {
    const ScratchFolder folder;
    const std::string path = folder.file("luv.tif");
    write_picture(path, compression, 3);
    OpenImage image(path);
    ASSERT_EQ(image.info().format, (PixelFormat{SampleType::f32, ColourModel::rgb, false, 0}));
    const Raster raster = image.read(0, {0, 0, kWidth, kHeight});
    const std::vector<float> xyz = decoded_by_libtiff(path, 3);
    for (std::uint32_t y = 0; y < kHeight; ++y) {
      for (std::size_t i = 0; i < std::size_t{kWidth} * 3; i += 3) {
        const float* in = &xyz[y * kWidth * 3 + i];
        const auto out = raster.samples<float>(y).subspan(i, 3);
        const double scale = std::max({in[0], in[1], in[2]}) * 1e-5;
        ASSERT_NEAR(out[0], 2.690 * in[0] - 1.276 * in[1] - 0.414 * in[2], scale);
        ASSERT_NEAR(out[1], -1.022 * in[0] + 1.978 * in[1] + 0.044 * in[2], scale);
        ASSERT_NEAR(out[2], 0.061 * in[0] - 0.224 * in[1] + 1.163 * in[2], scale);
      }
    }
  }
}

TEST(LogLuv, OtherwiseCodedIsNotServed) {
  std::vector<std::uint8_t> data = read_file(image_path("d_f32_grey_tile.tif"));
  // The entry of PhotometricInterpretation: tag, type, count, value.
  const std::vector<std::uint8_t> entry{6, 1, 3, 0, 1, 0, 0, 0, 1, 0};
  const auto at = std::search(data.begin(), data.end(), entry.begin(), entry.end());
  ASSERT_NE(at, data.end());
  at[8] = 0x4C;
  at[9] = 0x80;  // 32844: LogL
  const ScratchFolder folder;
  write_file(folder.file("log.tif"), data);
  Lines log;
  Memory memory;
  const File file = open_file(folder.file("log.tif"));
  const auto source = open_source({file, memory.budget, log});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace iip::test

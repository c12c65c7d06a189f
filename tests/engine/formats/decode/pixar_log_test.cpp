// Pixar's logarithmic codec, which no tool at hand writes but libtiff itself, and that in strips
// only.
#include <gtest/gtest.h>
#include <tiffio.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/images.h"

namespace iip {
namespace {

constexpr std::uint32_t kWidth = 300;
constexpr std::uint32_t kHeight = 200;
constexpr std::uint32_t kRows = 64;
constexpr std::size_t kRowBytes = std::size_t{kWidth} * 3;

void write_picture(const std::string& path) {
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  ASSERT_NE(tiff, nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kWidth);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kHeight);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kRows);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_PIXARLOG);
  TIFFSetField(tiff, TIFFTAG_PIXARLOGDATAFMT, PIXARLOGDATAFMT_8BIT);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  std::vector<std::uint8_t> row(kRowBytes);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<std::uint8_t>((y * 3 + i * 7) % 251);
    }
    ASSERT_EQ(TIFFWriteScanline(tiff, row.data(), y, 0), 1);
  }
  TIFFClose(tiff);
}

TEST(PixarLog, IsWhatLibtiffDecodes) {
  const std::string path = (std::filesystem::temp_directory_path() / "iip-pixar-log-").string() +
                           std::to_string(::getpid()) + ".tif";
  write_picture(path);
  test::OpenImage image(path);
  const Raster ours = image.read(0, {0, 0, kWidth, kHeight});

  TIFF* tiff = TIFFOpen(path.c_str(), "rm");
  ASSERT_NE(tiff, nullptr);
  TIFFSetField(tiff, TIFFTAG_PIXARLOGDATAFMT, PIXARLOGDATAFMT_8BIT);
  std::vector<std::uint8_t> row(kRowBytes);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    ASSERT_EQ(TIFFReadScanline(tiff, row.data(), y, 0), 1);
    ASSERT_EQ(std::vector<std::uint8_t>(ours.row(y), ours.row(y) + kRowBytes), row) << y;
  }
  TIFFClose(tiff);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace iip

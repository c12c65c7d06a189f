// JPEG files of every kind, whole and in pieces and at every level, against Pillow's decoding of
// the whole file: equal in every pixel.
#include <gtest/gtest.h>

#include "support/pixel_check.h"

namespace iip::test {
namespace {

TEST(JpegPixels, EverySamplingAndCoding) {
  for (const char* sampling : {"444", "422", "420", "411", "440", "410", "grey", "rgb"}) {
    check_files(std::string("jpeg_") + sampling + "_", 7);
  }
}
TEST(JpegPixels, LumaCoarserThanChroma) { check_files("jpeg_luma_subsampled", 1); }
TEST(JpegPixels, WideQuantisation) { check_files("jpeg_wide_tables", 1); }
TEST(JpegPixels, OneScanForEachComponent) { check_files("jpeg_scans", 1); }
TEST(JpegPixels, ProgressiveOfOddSizes) { check_files("jpeg_whole_", 7); }
TEST(JpegPixels, Cmyk) { check_files("jpeg_cmyk_", 5); }
TEST(JpegPixels, Ycck) { check_files("jpeg_ycck_", 4); }
TEST(JpegPixels, OddSizes) {
  for (const char* size :
       {"1x1", "1x5000", "5000x1", "257x513", "1000x701", "17x16", "2100x2050"}) {
    check_files(std::string("jpeg_") + size + "_", 4);
  }
}
TEST(JpegPixels, EveryOrientation) { check_files("jpeg_oriented_", 8); }

}  // namespace
}  // namespace iip::test

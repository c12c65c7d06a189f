// Every pixel of every JPEG 2000 test picture at every resolution, against opj_decompress.
#include <gtest/gtest.h>

#include "support/pixel_check.h"

namespace iip::test {
namespace {

// All resolutions of the codestream; listed are those down to the first that fits a tile.
void check_resolutions(const std::string& prefix, std::size_t at_least) {
  const auto files = expectations(prefix);
  ASSERT_GE(files.size(), at_least);
  for (const auto& [name, levels] : files) {
    std::size_t listed = 1;
    while (std::max(levels[listed - 1].size.width, levels[listed - 1].size.height) > 256) ++listed;
    check_file(name, levels, listed);
  }
}

TEST(Jp2Pixels, ProgressionOrders) { check_resolutions("jp2_order_", 15); }
TEST(Jp2Pixels, ProgressionChanges) { check_resolutions("jp2_poc", 2); }
TEST(Jp2Pixels, LosslessAndLossy) {
  check_resolutions("jp2_plain", 1);
  check_resolutions("jp2_raw", 1);
  check_resolutions("jp2_lossy", 1);
  check_resolutions("jp2_near_lossless", 1);
  check_resolutions("jp2_no_mct", 1);
  check_resolutions("jp2_roi", 1);
}
TEST(Jp2Pixels, OffsetsAndTiles) {
  check_resolutions("jp2_offset", 1);
  check_resolutions("jp2_tile", 3);
  check_resolutions("jp2_mct_lossy_tiles", 1);
}
TEST(Jp2Pixels, Layers) { check_resolutions("jp2_layers", 2); }
TEST(Jp2Pixels, Precincts) {
  check_resolutions("jp2_precincts", 1);
  check_resolutions("jp2_small_precincts", 1);
}
TEST(Jp2Pixels, MarkersBetweenPackets) {
  check_resolutions("jp2_sop", 2);
  check_resolutions("jp2_eph", 1);
  check_resolutions("jp2_plt", 1);
  check_resolutions("jp2_tlm", 1);
}
TEST(Jp2Pixels, LengthsOfPackets) { check_resolutions("jp2_lengths_", 22); }
TEST(Jp2Pixels, WrongLengthsOfPackets) { check_resolutions("jp2_lying_", 35); }
TEST(Jp2Pixels, PackedPacketHeaders) {
  check_resolutions("jp2_packed_ppt", 10);
  check_resolutions("jp2_packed_ppm", 7);
}
TEST(Jp2Pixels, Tiny) { check_resolutions("jp2_tiny", 7); }
TEST(Jp2Pixels, TileParts) { check_resolutions("jp2_parts_", 3); }
TEST(Jp2Pixels, CodeBlockStyles) {
  check_resolutions("jp2_bypass", 2);
  check_resolutions("jp2_reset", 1);
  check_resolutions("jp2_terminate", 1);
  check_resolutions("jp2_causal", 1);
  check_resolutions("jp2_predictable", 1);
  check_resolutions("jp2_segments", 1);
  check_resolutions("jp2_all_styles", 1);
  check_resolutions("jp2_narrow_blocks", 1);
  check_resolutions("jp2_tall_blocks", 1);
}
TEST(Jp2Pixels, NumbersOfLevels) {
  check_resolutions("jp2_no_levels", 1);
  check_resolutions("jp2_one_level", 1);
  check_resolutions("jp2_eight_levels", 1);
}
TEST(Jp2Pixels, DepthsSignedAndUnsigned) {
  for (const char* bits : {"1", "2", "4", "7", "8", "9", "10", "12", "14", "15", "16"}) {
    check_resolutions(std::string("jp2_") + bits + "u_", 2);
    check_resolutions(std::string("jp2_") + bits + "s_", 2);
  }
}
TEST(Jp2Pixels, ColoursOfManyBits) {
  check_resolutions("jp2_rgb12u_", 3);
  check_resolutions("jp2_rgb12s_", 3);
}
TEST(Jp2Pixels, DepthsThatDiffer) { check_resolutions("jp2_mixed_", 5); }
TEST(Jp2Pixels, SubsampledAtOffsets) { check_resolutions("jp2_ycc_", 32); }
TEST(Jp2Pixels, PalettesAndChannels) {
  check_resolutions("jp2_palette", 3);
  check_resolutions("jp2_grey_", 2);
  check_resolutions("jp2_bgr", 1);
  check_resolutions("jp2_sycc", 1);
  check_resolutions("jp2_rgb", 2);
  check_resolutions("jp2_argb", 1);
  check_resolutions("jp2_premultiplied", 1);
}
// Packets that are missing at the end of a tile are none that OpenJPEG refuses.
TEST(Jp2Pixels, MissingPackets) { check_resolutions("cut_between_", 16); }
TEST(Jp2Pixels, HighThroughput) { check_resolutions("jp2_ht_", 8); }

}  // namespace
}  // namespace iip::test

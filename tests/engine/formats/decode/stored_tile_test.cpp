// Stored JPEG tiles that go out as they are: put together as a picture, Pillow must see in them the
// pixels that libtiff decodes from the file.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/formats/jpeg/header.h"
#include "support/images.h"

namespace iip::test {
namespace {

std::vector<std::uint8_t> stored_picture(const std::string& path, const StoredJpegTile& tile) {
  const std::vector<std::uint8_t> file = read_file(path);
  const ByteSpan stored = ByteSpan(file).subspan(tile.offset, tile.length);
  std::vector<std::uint8_t> picture;
  for (const ByteSpan part : {stored.first(2), tile.tables.span(), stored.subspan(2)}) {
    std::copy(part.begin(), part.end(), std::back_inserter(picture));
  }
  return picture;
}

// Checks all stored tiles of a file and gives their number.
int check_stored_tiles(const std::string& name) {
  SCOPED_TRACE(name);
  OpenImage image(image_path(name));
  const ScratchFolder folder;
  int count = 0;
  for (std::size_t level = 0; level < image.info().levels.size(); ++level) {
    const Level& geometry = image.info().levels[level];
    for (std::int64_t index = 0; index < geometry.tile_count(); ++index) {
      const Rect rect = geometry.tile_rect(index);
      const std::optional<StoredJpegTile> tile = image.stored(level, index);
      EXPECT_EQ(tile.has_value(), rect.size() == geometry.tile) << level << "/" << index;
      if (!tile) continue;
      const std::string base = folder.file(std::to_string(count));
      write_file(base + ".jpg", stored_picture(image_path(name), *tile));
      write_file(base + ".raw", packed(image.read(level, rect)));
      ++count;
    }
  }
  EXPECT_EQ(run_python("tests/engine/support/same_pixels.py", {folder.file("")}),
            std::to_string(count) + "\n");
  return count;
}

TEST(StoredJpegTile, ShowsThePixelsThatLibtiffDecodes) {
  EXPECT_EQ(check_stored_tiles("pyr_jpeg.tif"), 7 * 5 + 3 * 2 + 1);
  EXPECT_EQ(check_stored_tiles("j_own_420.tif"), 3 * 3);
  EXPECT_EQ(check_stored_tiles("j_own_422.tif"), 3 * 3);
  EXPECT_EQ(check_stored_tiles("j_own_wrong_tag.tif"), 3 * 3);
  EXPECT_EQ(check_stored_tiles("j_own_grey.tif"), 3 * 3);
  EXPECT_GT(check_stored_tiles("j_grey_jpeg_t240x112.tif"), 3);
  EXPECT_GT(check_stored_tiles("j_rgb_jpeg_t240x112.tif"), 3);
}

TEST(StoredJpegTile, OthersAreDecoded) {
  for (const char* name :
       {"pyr_jpeg_rgb.tif", "j_rgb_jpeg_r_t240x112.tif", "j_white0_jpeg_t240x112.tif",
        "j_own_progressive.tif", "j_own_separate.tif", "j_rgb_jpeg_s7.tif", "m_rgb_zip_t16.tif",
        "sparse_rgb.tif"}) {
    SCOPED_TRACE(name);
    OpenImage image(image_path(name));
    EXPECT_FALSE(image.stored(0, 0).has_value());
    EXPECT_FALSE(image.stored(0, -1).has_value());
    EXPECT_FALSE(image.stored(0, 1 << 30).has_value());
    EXPECT_FALSE(image.stored(7, 0).has_value());
  }
}

// Changes one byte sequence of the first stored tile and asks again.
class ChangedTile : public ::testing::Test {
 protected:
  void SetUp() override {
    const OpenImage image(image_path("j_own_420.tif"));
    bytes_ = read_file(image_path("j_own_420.tif"));
    tile_ = OpenImage(image_path("j_own_420.tif")).stored(0, 0).value();
  }
  std::size_t find(std::initializer_list<std::uint8_t> sequence) const {
    const auto start = bytes_.begin() + static_cast<std::ptrdiff_t>(tile_.offset);
    const auto found = std::search(start, bytes_.end(), sequence.begin(), sequence.end());
    EXPECT_NE(found, bytes_.end());
    return static_cast<std::size_t>(found - bytes_.begin());
  }
  bool goes_out() {
    write_file(folder_.file("changed.tif"), bytes_);
    return OpenImage(folder_.file("changed.tif")).stored(0, 0).has_value();
  }

  ScratchFolder folder_;
  std::vector<std::uint8_t> bytes_;
  StoredJpegTile tile_;
};

TEST_F(ChangedTile, UnchangedGoesOut) { EXPECT_TRUE(goes_out()); }

TEST_F(ChangedTile, AnotherSize) {
  bytes_[find({0xFF, 0xC0}) + 6] ^= 1U;
  EXPECT_FALSE(goes_out());
}

TEST_F(ChangedTile, TwelveBits) {
  bytes_[find({0xFF, 0xC0}) + 4] = 12;
  EXPECT_FALSE(goes_out());
}

TEST_F(ChangedTile, ComponentsNamedRgb) {
  const std::size_t frame = find({0xFF, 0xC0});
  const std::size_t scan = find({0xFF, 0xDA});
  for (std::size_t i = 0; i < 3; ++i) {
    bytes_[frame + 10 + 3 * i] = bytes_[scan + 5 + 2 * i] = static_cast<std::uint8_t>("RGB"[i]);
  }
  EXPECT_FALSE(goes_out());
}

TEST_F(ChangedTile, TablesMissing) {
  bytes_[find({0xFF, 0xDB}) + 1] = 0xFE;  // a comment in place of the first quantisation table
  EXPECT_FALSE(goes_out());
}

TEST_F(ChangedTile, NoEnd) {
  bytes_[tile_.offset + tile_.length - 1] = 0;
  EXPECT_FALSE(goes_out());
}

TEST_F(ChangedTile, ExifInside) {
  bytes_[find({0xFF, 0xE0}) + 1] = 0xE1;
  EXPECT_FALSE(goes_out());
}

TEST(JpegHeader, EveryPrefixIsCutShort) {
  OpenImage image(image_path("j_own_420.tif"));
  const auto picture = stored_picture(image_path("j_own_420.tif"), image.stored(0, 0).value());
  const JpegHeader whole = read_jpeg_header(picture);
  ASSERT_EQ(whole.state, JpegHeader::State::complete);
  EXPECT_EQ(whole.size, (Size{128, 96}));
  EXPECT_EQ(whole.component_count, 3);
  EXPECT_EQ(whole.components[0].horizontal, 2);
  const std::uint8_t scan[] = {0xFF, 0xDA};
  const auto end = std::search(picture.begin(), picture.end(), scan, scan + 2) - picture.begin();
  for (std::size_t length = 0; length < static_cast<std::size_t>(end) + 14; ++length) {
    EXPECT_EQ(read_jpeg_header(ByteSpan(picture).first(length)).state, JpegHeader::State::cut_short)
        << length;
  }
}

}  // namespace
}  // namespace iip::test

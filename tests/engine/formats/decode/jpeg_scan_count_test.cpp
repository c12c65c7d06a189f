#include "engine/formats/jpeg/scan_count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/images.h"

namespace iip::test {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::uint64_t kLarge = std::uint64_t{1} << 20;  // of which 16 scans are allowed

// A stream in pieces of one length.
class Pieces final : public ByteFeed {
 public:
  Pieces(ByteSpan bytes, std::size_t length) : bytes_(bytes), length_(length) {}

  Result<ByteSpan> next() override {
    const ByteSpan piece = bytes_.first(std::min(length_, bytes_.size()));
    bytes_ = bytes_.subspan(piece.size());
    return piece;
  }
  std::size_t left() const { return bytes_.size(); }

 private:
  ByteSpan bytes_;
  const std::size_t length_;
};

Data repeated(const Data& part, int times) {
  Data all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Data kScan{0x12, 0xFF, 0xDA, 0x00, 0x03, 0x01, 0x34};

TEST(JpegScans, AreCountedHoweverTheStreamComes) {
  const Data enough = repeated(kScan, 15);  // and the first, whose header is not in it
  const Data more = repeated(kScan, 16);
  for (const std::size_t length : {1U, 2U, 3U, 5U, 7U, 1000U}) {
    Pieces pieces(enough, length);
    EXPECT_TRUE(check_jpeg_scans(pieces, kLarge)) << length;
    Pieces too_many(more, length);
    const Status refused = check_jpeg_scans(too_many, kLarge);
    ASSERT_FALSE(refused) << length;
    EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
    EXPECT_EQ(refused.error().detail, "JPEG: 17 scans of 1048576 blocks, and more");
  }
}

TEST(JpegScans, OnlyMarkersAreCounted) {
  const std::vector<Data> none{
      {0xFF, 0x00, 0xDA},                                // a stuffed byte
      {0xFF, 0xD3, 0xDA},                                // a restart
      {0xFF, 0xC4, 0x00, 0x05, 0xFF, 0xDA, 0x01},        // within a segment
      {0xFF, 0xFE, 0x00, 0x06, 0xFF, 0xDA, 0x00, 0x02},  // within a comment
      {0xDA, 0x00, 0x00},
  };
  for (const Data& part : none) {
    const Data stream = repeated(part, 1000);
    Pieces pieces(stream, 4);
    EXPECT_TRUE(check_jpeg_scans(pieces, kLarge));
  }
  const Data filled = repeated({0xFF, 0xFF, 0xFF, 0xDA, 0x00, 0x02}, 16);
  Pieces pieces(filled, 4);
  EXPECT_FALSE(check_jpeg_scans(pieces, kLarge));
}

TEST(JpegScans, NothingIsReadBehindThePicture) {
  Data stream{0x01, 0xFF, 0xD9};
  const Data behind = repeated(kScan, 1000);
  stream.insert(stream.end(), behind.begin(), behind.end());
  Pieces pieces(stream, 3);
  EXPECT_TRUE(check_jpeg_scans(pieces, kLarge));
  EXPECT_EQ(pieces.left(), behind.size());
}

TEST(JpegScans, SmallPicturesMayHaveMore) {
  const Data stream = repeated(kScan, 499);
  Pieces pieces(stream, 64);
  EXPECT_TRUE(check_jpeg_scans(pieces, 64));
  const Data more = repeated(kScan, 500);
  Pieces too_many(more, 64);
  const Status refused = check_jpeg_scans(too_many, 64);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
}

// A picture of 5000 x 5000, made of a small one: the coefficients would take 50 MB or more.
TEST(JpegScans, TooManyAreRefusedBeforeMemoryIsTaken) {
  Data data = read_file(image_path("small_progressive.jpg"));
  const Data frame{0xFF, 0xC2};
  const auto size = std::search(data.begin(), data.end(), frame.begin(), frame.end()) + 5;
  std::ranges::copy(Data{5000 >> 8, 5000 & 255, 5000 >> 8, 5000 & 255}, size);
  const Data scans = repeated({0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x01, 0x01, 0x00}, 100);
  data.insert(data.end() - 2, scans.begin(), scans.end());
  const ScratchFolder folder;
  write_file(folder.file("picture"), data);
  const File file = open_file(folder.file("picture"));
  MemoryPool pool(std::uint64_t{1} << 30);
  MemoryBudget enough(pool, std::uint64_t{1} << 20);
  Lines log;
  const auto source = must(open_source({file, enough, log}));
  MemoryBudget little(pool, 4096);
  const auto raster = source->read({file, little, log}, 0, {0, 0, 8, 8});
  ASSERT_FALSE(raster);
  EXPECT_EQ(raster.error().kind, ErrorKind::too_large);
  EXPECT_NE(raster.error().detail.find(" scans of "), std::string::npos) << raster.error().detail;
}

}  // namespace
}  // namespace iip::test

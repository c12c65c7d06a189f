// What random access costs: how much of the file is read and how many MCUs are gone through,
// counted, not timed.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "engine/formats/jpeg/file.h"
#include "engine/formats/jpeg/index.h"
#include "engine/formats/jpeg/region.h"
#include "engine/formats/jpeg/scan.h"
#include "support/images.h"

namespace iip::test {
namespace {

// Bytes that this thread has asked the kernel for.
std::uint64_t bytes_read() {
  std::ifstream io("/proc/thread-self/io");
  for (std::string line; std::getline(io, line);) {
    if (line.starts_with("rchar: ")) return std::stoull(line.substr(7));
  }
  throw std::runtime_error("no /proc/thread-self/io");
}

struct Opened {
  explicit Opened(const std::string& name)
      : file(open_file(image_path(name))),
        jpeg(must(read_jpeg_file(file, SourceLimits{}, Deadline()))),
        scan(*JpegScan::of(jpeg.header, jpeg.head, jpeg.scan_offset)) {}

  // Reads a part, in MCUs, to its end; gives how many MCUs were gone through.
  std::int64_t read(const JpegIndex& index, const Rect& mcus) const {
    const Size size{mcus.width * scan.mcu().width, mcus.height * scan.mcu().height};
    JpegRegionFeed feed(scan, index, jpeg.head, StoredBytes(file), mcus, size, deadline);
    while (!must(feed.next()).empty()) {
    }
    return feed.mcus_read();
  }

  File file;
  JpegFile jpeg;
  JpegScan scan;
  Deadline deadline;
};

TEST(JpegIndex, ReadsOnceAndNoFurtherThanAsked) {
  for (const char* name : {"jpeg_2100x2050_420.jpg", "jpeg_2100x2050_444.jpg"}) {
    const Opened picture(name);
    const JpegIndex index(picture.scan);
    const std::int64_t across = picture.scan.mcus_across();
    picture.read(index, {0, 0, 4, 4});
    EXPECT_LE(index.mcus_read(), 4 * across + index.interval());
    picture.read(index, {0, picture.scan.mcus_down() - 1, 2, 1});
    const std::int64_t all = index.mcus_read();
    EXPECT_GT(all, (picture.scan.mcus_down() - 2) * across);
    EXPECT_LE(all, picture.scan.mcu_count());
    picture.read(index, {0, 0, across, picture.scan.mcus_down()});
    EXPECT_LE(index.mcus_read(), picture.scan.mcu_count());
  }
}

TEST(JpegIndex, TheLastTileCostsWhatTheFirstDoes) {
  const Opened picture("jpeg_2100x2050_420.jpg");
  const JpegIndex index(picture.scan);
  const Rect last{picture.scan.mcus_across() - 16, picture.scan.mcus_down() - 16, 16, 16};
  picture.read(index, last);
  const std::int64_t first_cost = picture.read(index, {0, 0, 16, 16});
  const std::int64_t last_cost = picture.read(index, last);
  EXPECT_LE(first_cost, 16 * (16 + index.interval()));
  EXPECT_LE(last_cost, 16 * (16 + index.interval()));
}

TEST(JpegIndex, TheLastTileOfATallPictureTouchesLittleOfTheFile) {
  OpenImage image(image_path("jpeg_tall.jpg"));
  const Size size = image.info().size();
  const Rect last{0, size.height - 256, 256, 256};
  image.read(0, last);  // makes the index
  const std::uint64_t before = bytes_read();
  image.read(0, last);
  const std::uint64_t read = bytes_read() - before;
  EXPECT_GT(read, 0U);
  EXPECT_LT(read, image.file.size() / 10);
}

TEST(JpegIndex, ManyThreadsReadOnePicture) {
  const auto files = expectations("jpeg_2100x2050_420.jpg");
  const Expected& expected = files.at("jpeg_2100x2050_420.jpg")[0];
  const OpenImage shared(image_path("jpeg_2100x2050_420.jpg"));
  const auto work = [&](int number) {
    Memory memory;
    Lines log;
    const File file = open_file(image_path("jpeg_2100x2050_420.jpg"));
    const Raster whole = expected_raster(expected, shared.info().format, memory);
    for (int i = 0; i < 8; ++i) {
      const Rect rect{(number * 389 + i * 211) % 1800, (number * 701 + i * 307) % 1800, 250, 250};
      const Raster part = must(shared.source->read(ReadContext{file, memory.budget, log}, 0, rect));
      bool same = true;
      for (std::int64_t y = 0; y < rect.height; ++y) {
        const std::uint8_t* row = whole.row(rect.y + y) + 3 * rect.x;
        same = same && std::equal(part.row(y), part.row(y) + 3 * rect.width, row);
      }
      EXPECT_TRUE(same);
    }
  };
  std::vector<std::jthread> threads;
  for (int number = 0; number < 4; ++number) threads.emplace_back(work, number);
}

TEST(JpegIndex, OutOfTimeLeavesWhatWasFound) {
  const Opened picture("jpeg_tall.jpg");
  const JpegIndex index(picture.scan);
  const Deadline over = Deadline::after(std::chrono::seconds(0));
  const std::int64_t last = picture.scan.mcu_count() - 1;
  int attempts = 0;
  for (;; ++attempts) {
    const auto entry = index.find(StoredBytes(picture.file), last, over);
    if (entry) break;
    ASSERT_EQ(entry.error().kind, ErrorKind::busy);
    ASSERT_LT(attempts, 1000);
  }
  EXPECT_GT(attempts, 0);
  EXPECT_LE(index.mcus_read(), picture.scan.mcu_count());
}

}  // namespace
}  // namespace iip::test

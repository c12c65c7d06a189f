// JPEG and PNG files that lie or are cut short: an error that blames the file, never a crash, never
// grey where pixels should be, at a bounded cost.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "engine/formats/open_source.h"
#include "support/images.h"

namespace iip::test {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::uint64_t kMemory = std::uint64_t{256} << 20;

// The first error of opening the file and reading all of each of its levels; nullopt for none.
std::optional<Error> try_file(const File& file) {
  MemoryPool pool(kMemory);
  DerivedDataCache kept(pool, kMemory);
  MemoryBudget budget(pool, kMemory);
  Lines log;
  const auto source = open_source({file, budget, log});
  if (!source) return source.error();
  for (std::size_t level = 0; level < (*source)->info().levels.size(); ++level) {
    const Rect all = Rect::of((*source)->info().levels[level].size);
    const auto raster = (*source)->read({file, budget, log, {}, &kept}, level, all);
    if (!raster) return raster.error();
  }
  EXPECT_EQ(budget.used(), 0U);
  return std::nullopt;
}

std::optional<Error> try_data(const Data& data) {
  const ScratchFolder folder;
  write_file(folder.file("picture"), data);
  return try_file(open_file(folder.file("picture")));
}

bool blames_the_file(const std::optional<Error>& error) {
  return error && (error->kind == ErrorKind::corrupt || error->kind == ErrorKind::unsupported ||
                   error->kind == ErrorKind::too_large || error->kind == ErrorKind::not_found);
}

const std::vector<std::string> kSmall{"small_sequential.jpg", "small_restarts.jpg",
                                      "small_cmyk.jpg",       "small_progressive.jpg",
                                      "small_plain.png",      "small_interlaced.png"};

TEST(HostilePictures, CutShortAnywhere) {
  for (const std::string& name : kSmall) {
    SCOPED_TRACE(name);
    const Data data = read_file(image_path(name));
    EXPECT_FALSE(try_data(data));
    // The end marker alone is nothing lost, where one scan has all pixels; nor is a PNG's end.
    const bool is_sequential = name != "small_progressive.jpg" && name.ends_with("jpg");
    const std::size_t needed = data.size() - (is_sequential ? 2 : name.ends_with("png") ? 16 : 1);
    for (std::size_t length = 0; length < needed; ++length) {
      const auto error = try_data(Data(data.begin(), data.begin() + static_cast<long>(length)));
      EXPECT_TRUE(blames_the_file(error))
          << "cut to " << length << " of " << data.size() << (error ? error->detail : " passes");
    }
  }
}

TEST(HostilePictures, EveryByteFlipped) {
  for (const std::string& name : kSmall) {
    SCOPED_TRACE(name);
    const Data data = read_file(image_path(name));
    for (std::size_t at = 0; at < data.size(); ++at) {
      for (const int change : {0x01, 0x80, 0xFF}) {
        Data changed = data;
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
        const auto error = try_data(changed);
        EXPECT_TRUE(!error || blames_the_file(error))
            << "byte " << at << " of " << data.size() << ": " << error->detail;
      }
    }
  }
}

Data with_size(Data data, unsigned width, unsigned height) {
  for (std::size_t at = 2; at + 9 < data.size();
       at += 2 + (std::size_t{data[at + 2]} << 8U | data[at + 3])) {
    if (data[at + 1] < 0xC0 || data[at + 1] > 0xC2) continue;
    data[at + 5] = static_cast<std::uint8_t>(height >> 8U);
    data[at + 6] = static_cast<std::uint8_t>(height);
    data[at + 7] = static_cast<std::uint8_t>(width >> 8U);
    data[at + 8] = static_cast<std::uint8_t>(width);
    return data;
  }
  throw std::runtime_error("no frame");
}

// A few hundred bytes that claim four gigapixels.
TEST(HostilePictures, LargeClaims) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& name : kSmall) {
    if (!name.ends_with("jpg")) continue;
    SCOPED_TRACE(name);
    const auto error = try_data(with_size(read_file(image_path(name)), 65500, 65500));
    EXPECT_TRUE(blames_the_file(error));
  }
  Data png = read_file(image_path("small_plain.png"));
  png[16] = png[20] = 0x7F;  // the checksum is wrong as well
  EXPECT_TRUE(blames_the_file(try_data(png)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(HostilePictures, NoRowsOrColumns) {
  const Data data = read_file(image_path("small_sequential.jpg"));
  EXPECT_TRUE(blames_the_file(try_data(with_size(data, 0, 33))));
  EXPECT_TRUE(blames_the_file(try_data(with_size(data, 40, 0))));
}

// A scan that says nothing, again and again: each takes libjpeg through the whole picture.
TEST(HostilePictures, EndlessScans) {
  Data data = read_file(image_path("small_progressive.jpg"));
  const std::array<std::uint8_t, 2> scan{0xFF, 0xDA};
  const auto first = std::search(data.begin(), data.end(), scan.begin(), scan.end());
  ASSERT_NE(first, data.end());
  const auto second = std::search(first + 2, data.end(), scan.begin(), scan.end());
  const Data repeated(first, second);
  Data many(data.begin(), second);
  for (int i = 0; i < 600; ++i) many.insert(many.end(), repeated.begin(), repeated.end());
  many.insert(many.end(), second, data.end());
  const auto error = try_data(many);
  ASSERT_TRUE(blames_the_file(error));
  EXPECT_NE(error->detail.find("500 scans"), std::string::npos) << error->detail;
}

TEST(HostilePictures, RowsBeforeTheDamageAreServed) {
  const Data data = read_file(image_path("jpeg_tall.jpg"));
  const ScratchFolder folder;
  write_file(folder.file("cut.jpg"), Data(data.begin(), data.begin() + 1000000));
  OpenImage cut(folder.file("cut.jpg"));
  OpenImage whole(image_path("jpeg_tall.jpg"));
  EXPECT_EQ(packed(cut.read(0, {0, 5000, 256, 256})), packed(whole.read(0, {0, 5000, 256, 256})));
  const auto behind = cut.try_read(0, {0, 25000, 256, 256});
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().kind, ErrorKind::corrupt);
}

TEST(HostilePictures, OutOfTime) {
  for (const char* name : {"jpeg_tall.jpg", "jpeg_whole_2100x2050.jpg", "png_rgb8_plain.png"}) {
    const File file = open_file(image_path(name));
    Memory memory;
    Lines log;
    const auto source = must(open_source({file, memory.budget, log}));
    const auto late = source->read(
        {file, memory.budget, log, Deadline::after(std::chrono::seconds(-1))}, 0, {0, 0, 100, 100});
    ASSERT_FALSE(late) << name;
    EXPECT_EQ(late.error().kind, ErrorKind::busy);
  }
}

}  // namespace
}  // namespace iip::test

// What a file says of itself, made to cost much: the same bytes named again and again, and texts
// that are large once they are inflated.
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "engine/formats/open_source.h"
#include "support/failing_new.h"
#include "support/images.h"

namespace iip::test {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;
constexpr std::uint64_t kMostAllocated = 32 * kMegabyte;

std::string number(std::uint64_t value, int width, bool little = false) {
  std::string out;
  for (int i = 0; i < width; ++i) {
    out += static_cast<char>(value >> (8 * (little ? i : width - 1 - i)));
  }
  return out;
}

std::string chunk(const std::string& type, const std::string& content) {
  const std::string summed = type + content;
  const auto sum = ::crc32_z(0, reinterpret_cast<const Bytef*>(summed.data()), summed.size());
  return number(content.size(), 4) + summed + number(sum, 4);
}

std::string deflated(const std::string& text) {
  std::string out(::compressBound(text.size()), '\0');
  uLongf size = out.size();
  ::compress2(reinterpret_cast<Bytef*>(out.data()), &size,
              reinterpret_cast<const Bytef*>(text.data()), text.size(), 9);
  out.resize(size);
  return out;
}

// One grey pixel, with `chunks` before it.
std::string png_with(const std::string& chunks) {
  const std::string header = number(1, 4) + number(1, 4) + std::string("\x08\0\0\0\0", 5);
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunks +
         chunk("IDAT", deflated(std::string("\0\x7F", 2))) + chunk("IEND", "");
}

// One grey pixel. `tags` all are the megabyte behind the directory.
std::string tiff_of(const std::vector<int>& tags) {
  constexpr int kAscii = 2;
  constexpr int kShort = 3;
  std::map<int, std::string> entries;
  const auto entry = [](int tag, int type, std::uint64_t count, std::uint64_t value) {
    return number(static_cast<std::uint64_t>(tag), 2, true) +
           number(static_cast<std::uint64_t>(type), 2, true) + number(count, 4, true) +
           number(value, 4, true);
  };
  for (const auto& [tag, value] : {std::pair{256, 1},
                                   {257, 1},
                                   {258, 8},
                                   {259, 1},
                                   {262, 1},
                                   {273, 0},
                                   {277, 1},
                                   {278, 1},
                                   {279, 1}}) {
    entries[tag] = entry(tag, kShort, 1, static_cast<std::uint64_t>(value));
  }
  const std::size_t behind = 8 + 2 + 12 * (entries.size() + tags.size()) + 4;
  for (const int tag : tags) entries[tag] = entry(tag, kAscii, kMegabyte, behind);
  entries[273] = entry(273, 4, 1, behind);
  std::string out = "II" + number(42, 2, true) + number(8, 4, true);
  out += number(entries.size(), 2, true);
  for (const auto& [tag, bytes] : entries) out += bytes;
  return out + number(0, 4, true) + std::string(kMegabyte, '\x01');
}

// What this thread has read so far, of all files.
std::uint64_t read_bytes() {
  std::ifstream counts("/proc/thread-self/io");
  std::string name;
  std::uint64_t bytes = 0;
  counts >> name >> bytes;
  EXPECT_EQ(name, "rchar:");
  return bytes;
}

class HostileMetadata : public ::testing::Test {
 protected:
  // Opens the file and reads its pixel. What that reads, allocates and keeps is bounded, and so is
  // the work: none of it is done on bytes that were not read, or not into memory.
  std::shared_ptr<const Source> open(const std::string& data) {
    write_file(folder_.file("picture"), std::vector<std::uint8_t>(data.begin(), data.end()));
    const File file = open_file(folder_.file("picture"));
    const std::uint64_t read = read_bytes();
    const std::uint64_t allocated = allocated_bytes();
    auto source = must(open_source({file, memory_.budget, log_}));
    must(source->read({file, memory_.budget, log_}, 0, {0, 0, 1, 1}));
    EXPECT_LT(allocated_bytes() - allocated, kMostAllocated);
    EXPECT_LT(read_bytes() - read, data.size() + SourceLimits{}.max_metadata_in_all);
    const Metadata& kept = source->info().metadata;
    std::size_t sum =
        kept.xmp.size() + kept.exif.size() + kept.iptc.size() + source->info().icc_profile.size();
    for (const std::string* text :
         {&kept.title, &kept.creator, &kept.rights, &kept.description, &kept.date, &kept.software,
          &kept.make, &kept.model, &kept.page_name}) {
      sum += text->size();
    }
    EXPECT_LE(sum, SourceLimits{}.max_metadata_in_all);
    return source;
  }

  ScratchFolder folder_;
  Memory memory_;
  Lines log_;
};

TEST_F(HostileMetadata, TagsOfTiffThatShareTheirBytes) {
  const auto source =
      open(tiff_of({269, 270, 271, 272, 285, 305, 306, 315, 33432, 700, 33723, 34675}));
  EXPECT_FALSE(source->info().metadata.title.empty()) << "some are kept";
}

TEST_F(HostileMetadata, ManyCompressedTextsOfPng) {
  const std::string packed = deflated(std::string(8 * kMegabyte, 'a'));
  std::string chunks;
  for (int i = 0; i < 120; ++i) {
    chunks += chunk("zTXt", "Title" + std::string("\0\0", 2) + packed);
    chunks += chunk("zTXt", "Nobody knows" + std::string("\0\0", 2) + packed);
    chunks += chunk("iTXt", "XML:com.adobe.xmp" + std::string("\0\1\0\0\0", 5) + packed);
    chunks += chunk("iCCP", "Profile" + std::string("\0\0", 2) + packed);
  }
  chunks += chunk("tEXt", "Author" + std::string("\0", 1) + "Somebody");
  const auto source = open(png_with(chunks));
  EXPECT_TRUE(source->info().metadata.title.empty());
  EXPECT_EQ(source->info().metadata.creator, "Somebody");
}

TEST_F(HostileMetadata, CompressedTextsOfPngThatFit) {
  const std::string text(1000, 'a');
  const auto source =
      open(png_with(chunk("zTXt", "Title" + std::string("\0\0", 2) + deflated(text)) +
                    chunk("iTXt", "XML:com.adobe.xmp" + std::string("\0\1\0", 3) + "en" +
                                      std::string("\0\0", 2) + deflated("<x/>")) +
                    chunk("iTXt", "Author" + std::string("\0\0\0\0\0", 5) + "Andr\xC3\xA9")));
  EXPECT_EQ(source->info().metadata.title, text);
  EXPECT_EQ(source->info().metadata.xmp, "<x/>");
  EXPECT_EQ(source->info().metadata.creator, "Andr\xC3\xA9");
}

// Damaged ones are left out: a wrong checksum, a stream that is cut short, a missing end of a name.
TEST_F(HostileMetadata, DamagedTextsOfPng) {
  std::string wrong = chunk("tEXt", "Title" + std::string("\0", 1) + "A title");
  wrong.back() ^= 1;
  const std::string packed = deflated(std::string(1000, 'a'));
  const auto source = open(png_with(
      wrong +
      chunk("zTXt", "Author" + std::string("\0\0", 2) + packed.substr(0, packed.size() / 2)) +
      chunk("zTXt", "Software" + std::string("\0\1", 2) + packed) + chunk("tEXt", "Description") +
      chunk("iTXt", "Copyright" + std::string("\0\0\0", 3) + "no end") +
      chunk("iCCP", "P" + std::string("\0\0", 2) + deflated(std::string(200, '\xFF')))));
  const Metadata& kept = source->info().metadata;
  EXPECT_EQ(kept.title + kept.creator + kept.software + kept.description + kept.rights, "");
  EXPECT_TRUE(source->info().icc_profile.empty());
}

TEST_F(HostileMetadata, EntriesOfExifThatShareTheirBytes) {
  constexpr std::size_t kEntries = 512;
  const std::size_t behind = 8 + 2 + 12 * kEntries + 4;
  std::string block = "II" + number(42, 2, true) + number(8, 4, true) + number(kEntries, 2, true);
  const std::size_t length = kMegabyte - behind - 16;
  for (std::size_t i = 0; i < kEntries; ++i) {
    block += number(i % 2 == 0 ? 270 : 315, 2, true) + number(2, 2, true) +
             number(length, 4, true) + number(behind, 4, true);
  }
  block += number(0, 4, true) + std::string(length, '\xE4');
  open(png_with(chunk("eXIf", block)));
}

TEST_F(HostileMetadata, MoreChunksThanAnyFileHas) {
  std::string chunks;
  for (int i = 0; i < 20'000; ++i) chunks += chunk("teSt", "");
  const std::string data = png_with(chunks);
  write_file(folder_.file("picture"), std::vector<std::uint8_t>(data.begin(), data.end()));
  const File file = open_file(folder_.file("picture"));
  const auto source = open_source({file, memory_.budget, log_});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace iip::test

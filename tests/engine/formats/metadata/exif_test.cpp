// What an Exif block says and how it is moved into a picture, against Pillow, which reads TIFF
// structures by itself.
#include "engine/formats/metadata/exif.h"

#include <gtest/gtest.h>

#include <bit>

#include "engine/formats/metadata/exif_block.h"
#include "engine/formats/tiff/exif.h"
#include "support/images.h"
#include "support/tiff_bytes.h"

namespace iip::test {
namespace {

// As Pillow reads the block: a line for each directory.
std::string pillow_reads(ByteSpan block) {
  const ScratchFolder folder;
  write_file(folder.file("block"), block.data(), block.size());
  return run_python("tests/engine/formats/decode/exif_values.py", {folder.file("block")});
}

constexpr std::string_view kTypesAsPillowHasThem =
    "34850 7; 34855 (100, 400); 36864 b'0230'; 36867 2019:08:07 06:05:04; 37121 "
    "b'\\x01\\x02\\x03\\x00'; "
    "40000 b'\\x01\\x02\\x03\\x04\\x05\\x06'; 40001 70000; 40002 (1, 4294967295); 40003 (-128, "
    "127, -1, 0, 5); "
    "40004 (-32768, 3, -1); 40005 (-2147483648, 9); 40006 -0.25; 40007 (0.25, 1.5); "
    "40008 (1.5, -0.125); 40009 1e+300; 40010 b'odd: 7!'\n";

// A directory at `at` with a value of every type of TIFF 6.0, in the entry and behind it.
void append_all_types(TiffBytes& block) {
  const auto real = [](float value) { return std::uint64_t{std::bit_cast<std::uint32_t>(value)}; };
  constexpr std::uint64_t kEntries = 16;
  const std::uint64_t values = block.bytes.size() + 2 + 12 * kEntries + 4;
  block.entries(kEntries);
  block.entry(34850, 3, 1, {7}, 2).entry(34855, 3, 2, {100, 400}, 2);
  block.entry(36864, 7, 4, {'0', '2', '3', '0'}, 1).entry_at(36867, 2, 20, values);
  block.entry(37121, 7, 4, {1, 2, 3, 0}, 1).entry_at(40000, 1, 6, values + 20);
  block.entry(40001, 4, 1, {70000}, 4).entry_at(40002, 4, 2, values + 26);
  block.entry_at(40003, 6, 5, values + 34).entry_at(40004, 8, 3, values + 40);
  block.entry_at(40005, 9, 2, values + 46).entry_at(40006, 10, 1, values + 54);
  block.entry_at(40007, 5, 2, values + 62).entry_at(40008, 11, 2, values + 78);
  block.entry_at(40009, 12, 1, values + 86).entry_at(40010, 7, 7, values + 94).next(0);
  block.text(std::string_view("2019:08:07 06:05:04\0", 20)).text("\1\2\3\4\5\6");
  block.number(1, 4).number(0xFFFFFFFF, 4);
  block.text(std::string_view("\x80\x7F\xFF\0\5\0", 6));
  block.number(0x8000, 2).number(3, 2).number(0xFFFF, 2).number(0x80000000, 4).number(9, 4);
  block.number(0xFFFFFFFF, 4).number(4, 4);
  block.number(1, 4).number(4, 4).number(3, 4).number(2, 4);
  block.number(real(1.5F), 4).number(real(-0.125F), 4);
  block.number(std::bit_cast<std::uint64_t>(1e300), 8);
  block.text(std::string_view("odd: 7!\0", 8));
}

// What a first directory says with one entry that points to another, which follows.
TiffBytes block_of(bool big_endian, std::uint64_t tag) {
  TiffBytes block{big_endian};
  block.header(8).entries(1).entry(tag, 4, 1, {26}, 4).next(0);
  append_all_types(block);
  return block;
}

class ExifBlocks : public ::testing::TestWithParam<bool> {
 protected:
  static Exif read(const TiffBytes& block) {
    MetadataAllowance allowance(SourceLimits{});
    return read_exif(block.bytes, allowance);
  }
};

INSTANTIATE_TEST_SUITE_P(BothOrders, ExifBlocks, ::testing::Bool(), [](const auto& big_endian) {
  return big_endian.param ? "BigEndian" : "LittleEndian";
});

TEST_P(ExifBlocks, EveryTypeIsMovedIntoATiffFile) {
  const TiffBytes block = block_of(GetParam(), 34665);
  ASSERT_EQ(pillow_reads(block.bytes), "\n" + std::string(kTypesAsPillowHasThem) + "\n")
      << "the block itself";
  TiffBytes file{};
  file.header(8).entries(1).entry(34665, 4, 1, {100}, 4).next(0).pad(100);
  const ByteVector moved = exif_directory(block.bytes, ExifDirectory::exif, 100);
  file.bytes.insert(file.bytes.end(), moved.begin(), moved.end());
  EXPECT_EQ(pillow_reads(file.bytes), "\n" + std::string(kTypesAsPillowHasThem) + "\n");
  EXPECT_TRUE(exif_directory(block.bytes, ExifDirectory::gps, 100).empty());
}

TEST_P(ExifBlocks, EveryTypeIsReadFromATiffFile) {
  for (const bool big_tiff : {false, true}) {
    SCOPED_TRACE(big_tiff);
    // The directory of a classic file; of a BigTIFF one entry by entry in its wider form.
    TiffBytes file = block_of(GetParam(), 34665);
    if (big_tiff) {
      file = TiffBytes{GetParam(), true};
      file.header(16).entries(1).entry(34665, 18, 1, {16 + 8 + 20 + 8}, 8).next(0);
      file.entries(4).entry(34850, 3, 1, {7}, 2).entry(34855, 3, 3, {1, 2, 3}, 2);
      file.entry(36867, 2, 8, {'2', '0', '1', '9', ':', '0', '8', 0}, 1);
      file.entry(40000, 16, 1, {5}, 8).next(0);  // of a type that Exif does not have
    }
    Lines log;
    const auto chain = must(read_tiff_chain(ByteSpan(file.bytes), log));
    const Bytes block = read_tiff_exif(chain[0], 1 << 20);
    EXPECT_EQ(pillow_reads(block.span()),
              "\n" +
                  (big_tiff ? "34850 7; 34855 (1, 2, 3); 36867 2019:08\n"
                            : std::string(kTypesAsPillowHasThem)) +
                  "\n");
    EXPECT_FALSE(read_tiff_exif(chain[0], block.size()).empty());
    EXPECT_TRUE(read_tiff_exif(chain[0], block.size() - 1).empty()) << "larger than is allowed";
  }
}

TEST_P(ExifBlocks, WhatTheFirstDirectorySays) {
  TiffBytes block{GetParam()};
  constexpr std::uint64_t kEntries = 9;
  constexpr std::uint64_t kValues = 8 + 2 + 12 * kEntries + 4;
  block.header(8).entries(kEntries).entry(271, 2, 4, {'A', 'B', 'C', 0}, 1);
  block.entry_at(272, 2, 8, kValues).entry(274, 3, 1, {6}, 2).entry(274, 3, 1, {3}, 2);
  block.entry_at(282, 5, 1, kValues + 8).entry_at(283, 5, 1, kValues + 16);
  block.entry(296, 3, 1, {3}, 2).entry_at(305, 2, 30, 100'000).entry(315, 1, 2, {'N', 'o'}, 1);
  block.next(0).text(std::string_view("A model\0", 8));
  block.number(300, 4).number(2, 4).number(75, 4).number(1, 4);
  const Exif exif = read(block);
  EXPECT_EQ(exif.orientation, 6) << "the first of two";
  EXPECT_EQ(exif.metadata.make, "ABC");
  EXPECT_EQ(exif.metadata.model, "A model");
  EXPECT_EQ(exif.metadata.software, "") << "outside the block";
  EXPECT_EQ(exif.metadata.creator, "") << "no text";
  ASSERT_TRUE(exif.density);
  EXPECT_EQ(exif.density->unit, Density::Unit::centimetre);
  EXPECT_NEAR(exif.density->x, 15000, 1e-9);
  EXPECT_NEAR(exif.density->y, 7500, 1e-9);
  // Kept as it is, but for both orientations.
  TiffBytes upright = block;
  for (const std::size_t entry : {2U, 3U}) {
    const std::size_t field = 8 + 2 + 12 * entry + 8;
    upright.bytes[field] = GetParam() ? 0 : 1;
    upright.bytes[field + 1] = GetParam() ? 1 : 0;
  }
  const ByteSpan kept = exif.metadata.exif.span();
  EXPECT_EQ(ByteVector(kept.begin(), kept.end()), upright.bytes);
  EXPECT_EQ(upright_exif(block.bytes), upright.bytes);
}

TEST_P(ExifBlocks, OfADamagedOneWhatIsThereIsRead) {
  TiffBytes block{GetParam()};
  block.header(8).entries(600).entry(274, 3, 1, {8}, 2).entry(271, 2, 4, {'A', 'B', 'C', 0}, 1);
  EXPECT_EQ(read(block).orientation, 8) << "600 entries are stated, two are there";
  EXPECT_EQ(read(block).metadata.make, "ABC");
  for (std::size_t length = 0; length < block.bytes.size(); ++length) {
    TiffBytes cut = block;
    cut.bytes.resize(length);
    const Exif exif = read(cut);
    EXPECT_EQ(exif.orientation, length >= 22 ? 8 : 1) << length;
    EXPECT_EQ(exif.metadata.make, "") << length;
    EXPECT_EQ(exif.metadata.exif.size(), length >= 8 ? length : 0) << length;
  }
  TiffBytes outside{GetParam()};
  outside.header(0xFFFFFFF0);
  EXPECT_EQ(read(outside).orientation, 1);
  EXPECT_EQ(read(outside).metadata.exif.size(), 8U);
  TiffBytes big{GetParam(), true};
  big.header(16).entries(1).entry(274, 3, 1, {8}, 2).next(0);
  EXPECT_EQ(read(big).orientation, 1) << "Exif is classic TIFF";
  EXPECT_TRUE(read(big).metadata.exif.empty());
  EXPECT_TRUE(upright_exif(big.bytes).empty());
}

}  // namespace
}  // namespace iip::test

// The directories that are written, byte by byte.
#include "engine/formats/tiff/structure/directory_writer.h"

#include <gtest/gtest.h>

#include "support/tiff_bytes.h"

namespace iip::test {
namespace {

TEST(TiffDirectoryWriter, SortedEntriesWithTheirValuesBehindThem) {
  for (const bool big_endian : {false, true}) {
    for (const bool big_tiff : {false, true}) {
      SCOPED_TRACE(std::to_string(big_endian) + std::to_string(big_tiff));
      const TiffEncoding encoding{big_endian, big_tiff};
      TiffDirectoryWriter writer(encoding);
      writer.add(TiffTag::software, TiffType::ascii, 9,
                 {'A', ' ', 't', 'o', 'o', 'l', '5', '1', 0});
      writer.add(TiffTag::bits_per_sample, TiffType::uint16, {8, 9, 10, 11, 12});
      writer.add(TiffTag::image_width, TiffType::uint32, {0x01020304});
      writer.add(TiffTag::orientation, TiffType::uint16, {6});
      writer.add(TiffTag::orientation, TiffType::uint16, {7});
      writer.add(TiffTag::make, TiffType::ascii, 0, {});

      TiffBytes expected{big_endian, big_tiff};
      expected.header(expected.behind_header()).entries(6);
      const auto word = static_cast<std::uint64_t>(expected.word());
      const std::uint64_t values =
          expected.behind_header() + (big_tiff ? 8 : 2) + 6 * (4 + 2 * word) + word;
      expected.entry(256, 4, 1, {0x01020304}, 4).entry_at(258, 3, 5, values);
      expected.entry(271, 2, 0, {}, 1).entry(274, 3, 1, {6}, 2).entry(274, 3, 1, {7}, 2);
      expected.entry_at(305, 2, 9, values + 10).next(0);
      expected.number(8, 2).number(9, 2).number(10, 2).number(11, 2).number(12, 2);
      expected.text(std::string_view("A tool51\0\0", 10));
      EXPECT_EQ(write_tiff(encoding, writer), expected.bytes);
      EXPECT_EQ(tiff_header_bytes(encoding), expected.behind_header());
      EXPECT_EQ(writer.size(), expected.bytes.size() - expected.behind_header());
    }
  }
}

TEST(TiffDirectoryWriter, WhatJustFitsTheEntryLiesThere) {
  for (const bool big_tiff : {false, true}) {
    const std::uint64_t fits = big_tiff ? 8 : 4;
    for (const std::uint64_t length : {fits, fits + 1}) {
      TiffDirectoryWriter writer(TiffEncoding{false, big_tiff});
      writer.add(TiffTag::photoshop, TiffType::undefined, length, ByteVector(length, 0xAB));
      const ByteVector written = writer.write(100, 0x55);
      TiffBytes expected{false, big_tiff};
      expected.entries(1);
      const std::uint64_t values = 100 + (big_tiff ? 8 + 20 + 8 : 2 + 12 + 4);
      if (length == fits) {
        expected.entry(34377, 7, length, std::vector<std::uint64_t>(length, 0xAB), 1).next(0x55);
      } else {
        expected.entry_at(34377, 7, length, values).next(0x55);
        for (std::uint64_t i = 0; i < length; ++i) expected.number(0xAB, 1);
        expected.number(0, 1);
      }
      EXPECT_EQ(written, expected.bytes);
    }
  }
}

TEST(TiffDirectoryWriter, DirectoriesBelowLieBehindTheValues) {
  for (const bool big_endian : {false, true}) {
    for (const bool big_tiff : {false, true}) {
      SCOPED_TRACE(std::to_string(big_endian) + std::to_string(big_tiff));
      const TiffEncoding encoding{big_endian, big_tiff};
      const auto child = [&](std::uint64_t width) {
        TiffDirectoryWriter writer(encoding);
        writer.add(TiffTag::image_width, TiffType::uint16, {width});
        return writer;
      };
      TiffDirectoryWriter below = child(1);
      below.add_directories(TiffTag::gps_ifd, {child(2)});
      TiffDirectoryWriter writer(encoding);
      writer.add_directories(TiffTag::exif_ifd, {std::move(below)});
      writer.add_directories(TiffTag::sub_ifd, {child(3), child(4), child(5)});
      const ByteVector written = writer.write(16);

      TiffBytes expected{big_endian, big_tiff};
      const std::uint64_t type = big_tiff ? 16 : 4;
      const std::uint64_t word = big_tiff ? 8 : 4;
      const auto size = [&](std::uint64_t entries) {
        return (big_tiff ? 8 : 2) + entries * (4 + 2 * word) + word;
      };
      const std::uint64_t values = 16 + size(2);
      const std::uint64_t behind = values + 3 * word;
      const std::uint64_t exif = behind + 3 * size(1);
      expected.entries(2).entry_at(330, type, 3, values).entry_at(34665, type, 1, exif).next(0);
      for (std::uint64_t i = 0; i < 3; ++i) expected.number(behind + i * size(1), expected.word());
      for (std::uint64_t i = 3; i < 6; ++i) expected.entries(1).entry(256, 3, 1, {i}, 2).next(0);
      expected.entries(2).entry(256, 3, 1, {1}, 2).entry_at(34853, type, 1, exif + size(2)).next(0);
      expected.entries(1).entry(256, 3, 1, {2}, 2).next(0);
      EXPECT_EQ(written, expected.bytes);
      EXPECT_EQ(writer.size(), written.size());
    }
  }
}

}  // namespace
}  // namespace iip::test

// Files that lie. Whatever they say, the answer is an image or a proper error, at a bounded cost.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "engine/formats/open_source.h"
#include "support/images.h"

namespace iip::test {
namespace {

using Data = std::vector<std::uint8_t>;

// Opens the file and reads a little of every level; gives the kinds of error that turned up.
class Hostile : public ::testing::Test {
 protected:
  std::vector<ErrorKind> try_file(const Data& data) {
    write_file(folder_.file("hostile.tif"), data);
    return try_open(open_file(folder_.file("hostile.tif")));
  }

  std::vector<ErrorKind> try_open(const File& file) {
    std::vector<ErrorKind> kinds;
    Memory memory;
    Lines log;
    const auto source = open_source({file, memory.budget, log});
    if (!source) return {source.error().kind};
    const ReadContext context = confined({file, memory.budget, log});
    const ImageInfo& info = (*source)->info();
    for (std::size_t level = 0; level < info.levels.size(); ++level) {
      const Size& size = info.levels[level].size;
      const Rect corner{
          std::max<std::int64_t>(0, size.width - 40), std::max<std::int64_t>(0, size.height - 40),
          std::min<std::int64_t>(40, size.width), std::min<std::int64_t>(40, size.height)};
      const auto raster = (*source)->read(context, level, corner);
      if (!raster) kinds.push_back(raster.error().kind);
      const auto stored = (*source)->stored_jpeg_tile(context, level, 0);
      if (!stored) kinds.push_back(stored.error().kind);
      if (stored && *stored) {
        EXPECT_LE((*stored)->offset + (*stored)->length, file.size());
      }
    }
    return kinds;
  }

  // No answer may blame the server (internal) or promise that waiting helps (busy).
  static void expect_blames_the_file(const std::vector<ErrorKind>& kinds) {
    for (const ErrorKind kind : kinds) {
      EXPECT_TRUE(kind == ErrorKind::corrupt || kind == ErrorKind::unsupported ||
                  kind == ErrorKind::too_large || kind == ErrorKind::not_found)
          << static_cast<int>(kind);
    }
  }

  ScratchFolder folder_;
};

// A little-endian classic file, put together by hand.
class Forgery {
 public:
  Forgery() : data_{'I', 'I', 42, 0, 8, 0, 0, 0} {}

  // One directory at the end of the file so far. The values lie in the entries.
  struct Entry {
    std::uint16_t tag;
    std::uint16_t type;
    std::uint32_t count;
    std::uint32_t value;
  };
  Forgery& directory(const std::vector<Entry>& entries, std::uint32_t next = 0) {
    put(entries.size(), 2);
    for (const Entry& entry : entries) {
      put(entry.tag, 2);
      put(entry.type, 2);
      put(entry.count, 4);
      put(entry.value, 4);
    }
    put(next, 4);
    return *this;
  }
  Forgery& room(std::size_t bytes) {
    data_.resize(data_.size() + bytes);
    return *this;
  }
  const Data& data() const { return data_; }

 private:
  void put(std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) data_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  Data data_;
};

constexpr std::uint16_t kShort = 3;
constexpr std::uint16_t kLong = 4;

// A grey tiled image whose entries can be replaced one at a time.
std::vector<Forgery::Entry> grey_image(std::vector<Forgery::Entry> changes = {}) {
  std::vector<Forgery::Entry> entries{
      {256, kLong, 1, 64},  {257, kLong, 1, 64},  {258, kShort, 1, 8}, {259, kShort, 1, 1},
      {262, kShort, 1, 1},  {277, kShort, 1, 1},  {322, kLong, 1, 64}, {323, kLong, 1, 64},
      {324, kLong, 1, 200}, {325, kLong, 1, 4096}};
  for (const Forgery::Entry& change : changes) {
    const auto same = [&](const Forgery::Entry& entry) { return entry.tag == change.tag; };
    const auto found = std::find_if(entries.begin(), entries.end(), same);
    if (found == entries.end()) {
      entries.push_back(change);
    } else {
      *found = change;
    }
  }
  return entries;
}

Data grey_file(std::vector<Forgery::Entry> changes = {}, std::uint32_t next = 0) {
  return Forgery().directory(grey_image(std::move(changes)), next).room(8192).data();
}

using Kinds = std::vector<ErrorKind>;

TEST_F(Hostile, TheForgeryItselfIsSound) { EXPECT_EQ(try_file(grey_file()), Kinds{}); }

TEST_F(Hostile, ImpossibleGeometry) {
  for (const std::uint16_t tag : std::initializer_list<std::uint16_t>{256, 257, 322, 323}) {
    EXPECT_EQ(try_file(grey_file({{tag, kLong, 1, 0}})), Kinds{ErrorKind::corrupt}) << tag;
    EXPECT_EQ(try_file(grey_file({{tag, kLong, 1, 0xFFFFFFFF}})), Kinds{ErrorKind::corrupt}) << tag;
    EXPECT_EQ(try_file(grey_file({{tag, 2, 1, 64}})), Kinds{ErrorKind::corrupt}) << tag;
  }
}

TEST_F(Hostile, ABillionByABillion) {
  const Data claims = grey_file({{256, kLong, 1, 1000000000}, {257, kLong, 1, 1000000000}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(try_file(claims), Kinds{ErrorKind::corrupt}) << "one tile where 2.4e14 are needed";
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
  // With one tile for all of it, the size itself is over the limit.
  EXPECT_EQ(try_file(grey_file({{256, kLong, 1, 1000000000},
                                {257, kLong, 1, 1000000000},
                                {322, kLong, 1, 1000000000},
                                {323, kLong, 1, 1000000000}})),
            Kinds{ErrorKind::too_large});
}

TEST_F(Hostile, TilesThatCostTooMuch) {
  EXPECT_EQ(try_file(grey_file({{256, kLong, 1, 60000},
                                {257, kLong, 1, 60000},
                                {259, kShort, 1, 5},
                                {322, kLong, 1, 60000},
                                {323, kLong, 1, 60000}})),
            Kinds{ErrorKind::too_large});
}

TEST_F(Hostile, PlacesBeyondTheEnd) {
  EXPECT_EQ(try_file(grey_file({{324, kLong, 1, 0xFFFFFFF0}})), (Kinds{ErrorKind::corrupt}));
  EXPECT_EQ(try_file(grey_file({{325, kLong, 1, 0xFFFFFFF0}})), (Kinds{ErrorKind::corrupt}));
  EXPECT_EQ(try_file(grey_file({{324, kLong, 0xFFFFFFFF, 8}})), (Kinds{ErrorKind::corrupt}));
  EXPECT_EQ(try_file(grey_file({{325, kLong, 1, 100}})), (Kinds{ErrorKind::corrupt}))
      << "fewer bytes than an uncompressed tile has";
}

TEST_F(Hostile, LoopsOfDirectories) {
  EXPECT_EQ(try_file(grey_file({}, 8)), Kinds{}) << "the chain leads back to its start";
  EXPECT_EQ(try_file(grey_file({{330, kLong, 1, 8}})), Kinds{}) << "its own SubIFD";
  EXPECT_EQ(try_file(grey_file({}, 0xFFFFFFF0)), Kinds{}) << "the chain leads out of the file";
}

TEST_F(Hostile, AChainOfThousands) {
  Forgery forgery;
  const auto entries = grey_image();
  const auto bytes = static_cast<std::uint32_t>(2 + 12 * entries.size() + 4);
  for (std::uint32_t i = 1; i <= 5000; ++i) forgery.directory(entries, 8 + i * bytes);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(try_file(forgery.room(8192).data()), Kinds{});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
}

TEST_F(Hostile, DirectoriesOfNothingAndOfTooMuch) {
  EXPECT_EQ(try_file(Forgery().directory({}).room(64).data()), Kinds{ErrorKind::corrupt});
  EXPECT_EQ(
      try_file(Forgery().directory(std::vector<Forgery::Entry>(600, {256, kLong, 1, 1})).data()),
      Kinds{ErrorKind::corrupt});
}

TEST_F(Hostile, WhatIsNotServedSaysSo) {
  const auto answer = [&](Forgery::Entry change) {
    const Kinds kinds = try_file(grey_file({change}));
    return kinds.size() == 1 ? kinds[0] : ErrorKind::internal;
  };
  for (const std::uint32_t bits : {0U, 17U, 23U, 33U, 64U, 128U, 65535U}) {
    EXPECT_EQ(answer({258, kShort, 1, bits}), ErrorKind::unsupported) << bits;
  }
  for (const std::uint32_t codec : {2U, 3U, 4U, 32766U, 32771U, 32809U, 34661U, 34676U, 34677U}) {
    EXPECT_EQ(answer({259, kShort, 1, codec}), ErrorKind::unsupported) << codec << " of 8 bits";
  }
  EXPECT_EQ(answer({259, kShort, 1, 34712}), ErrorKind::unsupported);
  EXPECT_EQ(answer({259, kShort, 1, 12345}), ErrorKind::unsupported);
  EXPECT_EQ(answer({262, kShort, 1, 4}), ErrorKind::unsupported);
  EXPECT_EQ(answer({262, kShort, 1, 32803}), ErrorKind::unsupported);
  EXPECT_EQ(answer({262, kShort, 1, 32844}), ErrorKind::unsupported) << "without its codec";
  EXPECT_EQ(answer({277, kShort, 1, 5000}), ErrorKind::unsupported);
  EXPECT_EQ(answer({339, kShort, 1, 3}), ErrorKind::unsupported) << "floats of 8 bits";
  for (const std::uint32_t format : {0U, 5U, 6U, 7U, 65535U}) {
    EXPECT_EQ(answer({339, kShort, 1, format}), ErrorKind::unsupported) << format;
  }
  EXPECT_EQ(answer({262, kShort, 1, 8}), ErrorKind::corrupt) << "CIELAB of one channel";
  EXPECT_EQ(answer({262, kShort, 1, 3}), ErrorKind::corrupt) << "no colour map";
  EXPECT_EQ(answer({262, kShort, 1, 2}), ErrorKind::corrupt) << "RGB of one channel";
}

TEST_F(Hostile, DepthsThatCodecsAndColoursDoNotKnow) {
  const auto kinds = [&](std::vector<Forgery::Entry> changes) {
    return try_file(grey_file(std::move(changes)));
  };
  EXPECT_EQ(kinds({{258, kShort, 1, 12}, {259, kShort, 1, 7}}), Kinds{ErrorKind::unsupported});
  EXPECT_EQ(kinds({{258, kShort, 1, 16}, {259, kShort, 1, 50001}}), Kinds{ErrorKind::unsupported});
  EXPECT_EQ(kinds({{258, kShort, 1, 12}, {259, kShort, 1, 8}, {317, kShort, 1, 2}}),
            Kinds{ErrorKind::unsupported});
  EXPECT_EQ(kinds({{259, kShort, 1, 8}, {317, kShort, 1, 3}}), Kinds{ErrorKind::unsupported});
  EXPECT_EQ(kinds({{258, kShort, 1, 4}, {339, kShort, 1, 2}}), Kinds{ErrorKind::unsupported});
  EXPECT_EQ(kinds({{258, kShort, 1, 32}, {262, kShort, 1, 3}}), Kinds{ErrorKind::unsupported});
  // Two channels whose depths, or types, differ: 8 and 16 bits, unsigned and float.
  EXPECT_EQ(kinds({{258, kShort, 2, 8 | 16 << 16}, {277, kShort, 1, 2}}),
            Kinds{ErrorKind::unsupported});
  EXPECT_EQ(
      kinds({{258, kShort, 2, 32 | 32 << 16}, {277, kShort, 1, 2}, {339, kShort, 2, 1 | 3 << 16}}),
      Kinds{ErrorKind::unsupported});
}

TEST_F(Hostile, DeepSamplesThatAreNotThere) {
  for (const std::uint32_t bits : {9U, 12U, 16U, 24U, 32U}) {
    EXPECT_EQ(try_file(grey_file({{258, kShort, 1, bits}})), Kinds{ErrorKind::corrupt}) << bits;
  }
  EXPECT_EQ(try_file(grey_file({{258, kShort, 1, 64}, {339, kShort, 1, 3}})),
            Kinds{ErrorKind::corrupt});
  EXPECT_EQ(try_file(grey_file({{258, kShort, 1, 4}})), Kinds{}) << "more than enough bytes";
}

// A fax stream, or one of JBIG, that is noise: whatever comes of it, within the block.
TEST_F(Hostile, BilevelCodecsFedNoise) {
  for (const char* name : {"d_u1_g3_white0_msb2lsb_20.tif", "d_u1_g3_2d_black0_lsb2msb_20.tif",
                           "d_u1_g4_white0_tiles.tif", "d_u1_jbig_white0_msb2lsb_75.tif",
                           "d_u2_next.tif", "d_u4_thunder.tif"}) {
    const Data data = read_file(image_path(name));
    std::uint32_t noise = 1;
    for (int round = 0; round < 100; ++round) {
      Data changed = data;
      for (int i = 0; i < 20; ++i) {
        noise = noise * 1664525 + 1013904223;
        changed[8 + (noise >> 8) % (changed.size() / 2)] = static_cast<std::uint8_t>(noise >> 24);
      }
      SCOPED_TRACE(name);
      expect_blames_the_file(try_file(changed));
    }
  }
}

TEST_F(Hostile, OldStyleJpegWithoutWhatItNeeds) {
  const auto kinds = [&](std::vector<Forgery::Entry> changes) {
    changes.push_back({259, kShort, 1, 6});
    return try_file(grey_file(std::move(changes)));
  };
  EXPECT_EQ(kinds({{512, kShort, 1, 14}}), Kinds{ErrorKind::unsupported}) << "lossless";
  EXPECT_EQ(kinds({{512, kShort, 1, 2}}), Kinds{ErrorKind::unsupported});
  EXPECT_EQ(kinds({}), Kinds{ErrorKind::corrupt}) << "no tables at all";
  EXPECT_EQ(kinds({{513, kLong, 1, 300}}), Kinds{ErrorKind::corrupt}) << "zeros, not a stream";
  EXPECT_EQ(kinds({{513, kLong, 1, 0xFFFFFFF0}}), Kinds{ErrorKind::corrupt});
  for (const std::uint32_t place : {8300U, 0xFFFFFFF0U}) {
    EXPECT_EQ(kinds({{519, kLong, 1, place}, {520, kLong, 1, place}, {521, kLong, 1, place}}),
              Kinds{ErrorKind::corrupt})
        << "tables at " << place;
  }
  EXPECT_EQ(kinds({{519, kLong, 0xFFFFFFFF, 300}, {520, kLong, 1, 300}, {521, kLong, 1, 300}}),
            Kinds{ErrorKind::corrupt});
}

TEST_F(Hostile, MoreMemoryThanTheRequestMayHold) {
  OpenImage image(image_path("pyr_jpeg.tif"));
  MemoryPool pool(std::uint64_t{1} << 30);
  MemoryBudget budget(pool, 100000);
  const auto raster =
      image.source->read(ReadContext{image.file, budget, image.log}, 0, {0, 0, 1000, 701});
  ASSERT_FALSE(raster);
  EXPECT_EQ(raster.error().kind, ErrorKind::too_large);
  EXPECT_EQ(budget.used(), 0U);
}

TEST_F(Hostile, FilesCutShort) {
  for (const char* name : {"pyr_jpeg.tif", "pyr_deflate_big.tif", "pyr_up_bigbe.tif"}) {
    const Data whole = read_file(image_path(name));
    for (std::size_t i = 0; i < 60; ++i) {
      const std::size_t length = whole.size() * i / 60;
      const Kinds kinds = try_file(Data(whole.begin(), whole.begin() + static_cast<long>(length)));
      SCOPED_TRACE(std::string(name) + " cut to " + std::to_string(length));
      expect_blames_the_file(kinds);
    }
  }
}

TEST_F(Hostile, FilesCutShortWhileOpen) {
  const std::string path = folder_.file("shrinks.tif");
  write_file(path, read_file(image_path("pyr_jpeg.tif")));
  OpenImage image(path);
  ASSERT_EQ(::truncate(path.c_str(), 1000), 0);
  const auto raster = image.try_read(0, Rect::of(image.info().size()));
  ASSERT_FALSE(raster);
  EXPECT_EQ(raster.error().kind, ErrorKind::corrupt);
}

// Every byte that is neither pixel nor padding, changed in three ways.
TEST_F(Hostile, EveryByteOfSmallFilesFlipped) {
  for (const char* name :
       {"d_u16_lzwp2_be.tif", "d_f24_predictor3_3_be.tif", "d_lab16_cielab_planes_be.tif",
        "d_u12_cmyk_spot_planes.tif", "d_u1_g3_2d_black0_lsb2msb_20.tif", "d_palette4.tif",
        "e_palette_zipp2_bigbe.tif", "j_own_grey.tif", "ycc_42_studio_tile.tif", "pyr_children.tif",
        "texts_le.tif", "tiny_old_jpeg_tables.tif", "tiny_old_jpeg_stream.tif"}) {
    SCOPED_TRACE(name);
    const Data data = read_file(image_path(name));
    const std::string path = folder_.file("flipped.tif");
    write_file(path, data);
    const UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const File file = open_file(path);
    const auto put = [&](std::size_t at, std::uint8_t value) {
      ASSERT_EQ(::pwrite(writer.get(), &value, 1, static_cast<off_t>(at)), 1);
    };
    // What the writers put behind the pixels: the directories and their values.
    constexpr std::size_t kHeader = 32;
    const std::size_t behind =
        std::max(kHeader, data.size() - std::min<std::size_t>(data.size(), 900));
    for (std::size_t at = 0; at < data.size(); at = at + 1 == kHeader ? behind : at + 1) {
      for (const int change : {0x01, 0x80, 0xFF}) {
        put(at, static_cast<std::uint8_t>(data[at] ^ change));
        SCOPED_TRACE(at);
        expect_blames_the_file(try_open(file));
      }
      put(at, data[at]);
    }
  }
}

TEST_F(Hostile, EveryCodecFedNoise) {
  for (const char* name :
       {"m_rgb_lzw_t16.tif", "m_rgb_zip_t16.tif", "m_rgb_packbits_t16.tif", "m_rgb_lzma_t16.tif",
        "m_rgb_zstd_t16.tif", "m_rgb_lerc_t16.tif", "size_257x513_webp.tif", "j_rgb_jpeg_t16.tif",
        "j_own_progressive.tif", "old_tables_420_tiles_48.tif", "old_stream_restarts_32.tif"}) {
    const Data data = read_file(image_path(name));
    std::uint32_t noise = 1;
    for (int round = 0; round < 25; ++round) {
      Data changed = data;
      for (int i = 0; i < 40; ++i) {
        noise = noise * 1664525 + 1013904223;
        changed[64 + (noise >> 8) % (changed.size() / 2)] = static_cast<std::uint8_t>(noise >> 24);
      }
      SCOPED_TRACE(name);
      expect_blames_the_file(try_file(changed));
    }
  }
}

// A damaged tile must not spoil the good ones that are decoded after it.
TEST_F(Hostile, ADamagedTileStaysAlone) {
  Data data = read_file(image_path("m_rgb_lzw_t16.tif"));
  std::fill(data.begin() + 8, data.begin() + 300, std::uint8_t{0xAA});
  write_file(folder_.file("damaged.tif"), data);
  OpenImage damaged(folder_.file("damaged.tif"));
  OpenImage sound(image_path("m_rgb_lzw_t16.tif"));
  int failures = 0;
  for (std::int64_t x = 0; x + 16 <= 256; x += 16) {
    const auto tile = damaged.try_read(0, {x, 0, 16, 16});
    if (!tile) {
      EXPECT_EQ(tile.error().kind, ErrorKind::corrupt);
      ++failures;
    }
    EXPECT_EQ(packed(damaged.read(0, {x, 64, 16, 16})), packed(sound.read(0, {x, 64, 16, 16})));
  }
  EXPECT_GT(failures, 0);
}

}  // namespace
}  // namespace iip::test

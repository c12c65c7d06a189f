// Small JPEG 2000 files that state large costs, each in a way of its own. Whatever is asked of them
// is answered or refused at a bounded cost, the second time too.
#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "engine/formats/open_source.h"
#include "hostile_jp2.h"

namespace iip::test {
namespace {

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostMemory = 256 * kMegabyte;  // IIPMaxRequestMemory by default

Data comment(std::size_t length) { return segment(0xFF64, Data(length)); }

std::vector<SizeSegment::Component> alike(std::size_t count, std::uint8_t step = 1) {
  return std::vector<SizeSegment::Component>(count, {7, step, step});
}

// Of a main header of one component, without levels; the tile's own may say otherwise.
Data plain_header(std::uint32_t side, const Data& more = {}) {
  return joined({SizeSegment{.width = side, .height = side}.segment(), CodingSegment{}.segment(),
                 quantisation(1), more});
}

// A picture of one tile.
Data one_tile(const Data& main_header, const Data& tile_header, const Data& data) {
  return codestream(main_header, tile_part(0, 0, tile_header, data));
}

class Jp2Bombs : public HostileJp2 {
 protected:
  // What a viewer asks for: the first tile and the last of each level.
  std::optional<ErrorKind> view(const File& file, const Source& source) {
    MemoryBudget budget(pool_, kMostMemory);
    const ReadContext context = confined({file, budget, log_, Deadline{}, &kept_});
    std::optional<ErrorKind> kind;
    for (std::size_t level = 0; level < source.info().levels.size(); ++level) {
      const Size& size = source.info().levels[level].size;
      const Size tile{std::min<std::int64_t>(256, size.width),
                      std::min<std::int64_t>(256, size.height)};
      for (const Rect& rect :
           {Rect::of(tile),
            Rect{size.width - tile.width, size.height - tile.height, tile.width, tile.height}}) {
        const auto raster = source.read(context, level, rect);
        if (!raster) kind = raster.error().kind;
      }
    }
    return kind;
  }

  // Twice, each time in 2 s of processor time, and in 256 MB more than there were.
  std::optional<ErrorKind> try_twice(const Data& data) {
    write_file(folder_.file("bomb.jp2"), data);
    const std::uint64_t before = peak_kilobytes();
    const File file = open_file(folder_.file("bomb.jp2"));
    std::optional<ErrorKind> kind;
    for (int i = 0; i < 2; ++i) {
      const std::clock_t start = std::clock();
      MemoryBudget budget(pool_, kMostMemory);
      const auto source = open_source({file, budget, log_});
      if (source) {
        kind = view(file, **source);
        if (i == 0) kind = view(file, **source);
      } else {
        kind = source.error().kind;
      }
      const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      if (!kIsInstrumented) {
        EXPECT_LT(seconds, 2);
      }
    }
    if (!kIsInstrumented) {
      EXPECT_LT(peak_kilobytes() - before, kMostMemory >> 10U);
    }
    return kind;
  }

  MemoryPool pool_{2 * kMostMemory};
  DerivedDataCache kept_{pool_, kMostMemory};
  Lines log_;
};

// The main header says that all is one precinct, the tile's that each pixel is one.
TEST_F(Jp2Bombs, TilesThatStateOtherPrecincts) {
  const Data own = CodingSegment{.precincts = {0x00}}.segment();
  for (const std::uint32_t side : {1024U, 2048U, 4096U}) {
    SCOPED_TRACE(side);
    const Data packed = joined({own, segment(0xFF61, Data(65))});
    EXPECT_EQ(try_twice(one_tile(plain_header(side), packed, {})), ErrorKind::corrupt);
    const std::size_t packets = std::size_t{side} * side;
    EXPECT_EQ(try_twice(one_tile(plain_header(side), own, Data(packets))), ErrorKind::too_large);
  }
  EXPECT_LE(log_.count(LogLevel::warning, ""), 6);
}

TEST_F(Jp2Bombs, TilesThatStateOtherCodeBlocks) {
  const Data own = CodingSegment{.levels = 1, .block = 0}.segment();
  const Data tile_header = joined({own, quantisation(4)});
  EXPECT_EQ(try_twice(one_tile(plain_header(16'384), tile_header, Data(2))), ErrorKind::too_large);
}

// By their lengths packets take less to index than by reading them.
TEST_F(Jp2Bombs, TilesThatStateTheLengthsOfOtherPrecincts) {
  const Data own = CodingSegment{.precincts = {0x00}}.segment();
  Data header = own;
  constexpr std::size_t kPackets = 2048 * 2048;
  constexpr std::size_t kAtOnce = 65'000;
  for (std::size_t i = 0; i * kAtOnce < kPackets; ++i) {
    Data lengths(std::min(kAtOnce, kPackets - i * kAtOnce) + 1, 1);
    lengths[0] = static_cast<std::uint8_t>(i);
    put(header, segment(0xFF58, lengths));
  }
  EXPECT_EQ(try_twice(one_tile(plain_header(2048), header, Data(kPackets))), ErrorKind::too_large);
}

// 400 tiles, and what each of 64 components is quantised by in 64 kB: what is kept is what is
// counted.
TEST_F(Jp2Bombs, QuantisationOfManyComponentsInManyTiles) {
  const SizeSegment size{
      .width = 160, .height = 160, .tile_width = 8, .tile_height = 8, .components = alike(64)};
  const Data main_header =
      joined({size.segment(), CodingSegment{}.segment(), quantisation(65'000)});
  Data parts;
  for (std::uint64_t tile = 0; tile < 400; ++tile) {
    put(parts, tile_part(tile, 0, tile % 2 == 0 ? Data{} : quantisation(1), Data(64)));
  }
  const std::size_t before = mallinfo2().uordblks;
  EXPECT_EQ(try_twice(codestream(main_header, parts)), std::nullopt);
  if (kIsInstrumented) return;
  const std::size_t taken = mallinfo2().uordblks - before;
  EXPECT_LT(taken, 64 * kMegabyte);
  EXPECT_GT(kept_.bytes(), taken / 2);
}

// As many changes of progression as there may be, each over all precincts.
TEST_F(Jp2Bombs, ChangesOfProgression) {
  constexpr std::uint32_t kSide = 300;
  constexpr int kChanges = 256;
  Data nothing;
  Data backwards;
  for (int i = 0; i < kChanges; ++i) {
    // From resolution 0 and component 0 to layer 0 or 1, resolution 1 and component 1.
    const auto order = static_cast<std::uint8_t>(i % 5);
    const std::uint8_t layers = i + 1 == kChanges ? 1 : 0;
    put(nothing, Data{0, 0, 0, layers, 1, 1, order});
    put(backwards, Data{0, 0, 0, 1, 1, 1, order});
  }
  const Data coding = CodingSegment{.precincts = {0x00}}.segment();
  for (const Data& changes : {nothing, backwards}) {
    const Data header = joined({SizeSegment{.width = kSide, .height = kSide}.segment(), coding,
                                quantisation(1), segment(0xFF5F, changes)});
    const auto kind = try_twice(one_tile(header, {}, Data(std::size_t{kSide} * kSide)));
    EXPECT_EQ(kind, ErrorKind::too_large);
  }
}

// Each change goes through all layers of all precincts but one, which it leaves behind.
TEST_F(Jp2Bombs, ChangesOfProgressionOverManyLayers) {
  Data changes;
  for (int i = 0; i < 250; ++i) put(changes, Data{0, 0, 0xFF, 0xFF, 1, 1, 0});
  put(changes, Data{0, 0, 0xFF, 0xFF, 1, 2, 0});
  const SizeSegment size{.width = 64, .height = 64, .components = alike(2)};
  const Data header =
      joined({size.segment(), CodingSegment{.layers = 65'535, .precincts = {0x44}}.segment(),
              quantisation(1), segment(0xFF5F, changes)});
  EXPECT_EQ(try_twice(one_tile(header, {}, Data(std::size_t{65'535} * 32))), std::nullopt);
}

TEST_F(Jp2Bombs, EmptyPackets) {
  const auto picture = [](std::uint64_t layers, std::uint8_t precinct, std::size_t packets) {
    const Data coding = CodingSegment{.layers = layers, .precincts = {precinct}}.segment();
    const SizeSegment size{.width = 256, .height = 256};
    return one_tile(joined({size.segment(), coding, quantisation(1)}), {}, Data(packets));
  };
  EXPECT_EQ(try_twice(picture(65'535, 0x55, std::size_t{65'535} * 64)), std::nullopt);
  EXPECT_EQ(try_twice(picture(1, 0x11, 128 * 128)), std::nullopt);
  EXPECT_EQ(try_twice(picture(100, 0x11, 128 * 128 * 100)), std::nullopt);
}

// None of the code-blocks of any of these packets is in it, which it says of each layer anew.
TEST_F(Jp2Bombs, PacketsWithNothingInThem) {
  const auto picture = [](std::uint32_t side, std::uint64_t layers, std::uint8_t block) {
    const Data coding = CodingSegment{.layers = layers, .block = block}.segment();
    const SizeSegment size{.width = side, .height = side};
    return one_tile(joined({size.segment(), coding, quantisation(1)}), {}, Data(layers, 0x80));
  };
  EXPECT_EQ(try_twice(picture(1024, 65'535, 4)), std::nullopt);
  EXPECT_EQ(try_twice(picture(1024, 250, 0)), std::nullopt);
  EXPECT_EQ(try_twice(picture(2048, 4, 0)), std::nullopt);
}

// Every bit plane there can be, out of no bytes at all.
TEST_F(Jp2Bombs, PassesWithoutData) {
  // Not empty; included; no zero bit planes; 88 passes; no more bits of length; 9 bits of it: 0.
  const Data packet = packet_header(
      "111"
      "1111"
      "11111"
      "0110011"
      "0"
      "000000000");
  const SizeSegment size{.width = 1024, .height = 1024, .components = alike(3)};
  const Data header = joined({size.segment(), CodingSegment{.precincts = {0x66}}.segment(),
                              segment(0xFF5C, {0x40, 29U << 3U})});
  EXPECT_EQ(try_twice(one_tile(header, {}, repeated(packet, 256 * 3))), std::nullopt);
}

// Tiles of a pixel, each with 33 resolutions of 64 components, of which hardly any has a sample.
TEST_F(Jp2Bombs, ResolutionsWithoutSamples) {
  constexpr std::uint32_t kSide = 255;
  const Data own = joined({CodingSegment{.levels = 32}.segment(), quantisation(97)});
  auto components = alike(64, 255);
  components[0] = {7, 1, 1};
  const SizeSegment size{
      .width = kSide, .height = kSide, .tile_width = 1, .tile_height = 1, .components = components};
  Data parts;
  for (std::uint64_t tile = 0; tile < std::uint64_t{kSide} * kSide; ++tile) {
    put(parts, tile_part(tile, 0, own, Data(tile == 0 ? 64 * 33 : 33)));
  }
  const Data header = joined({size.segment(), CodingSegment{}.segment(), quantisation(1)});
  const auto kind = try_twice(codestream(header, parts));
  EXPECT_EQ(kind, ErrorKind::too_large);
}

TEST_F(Jp2Bombs, TilePartsWithoutEnd) {
  const SizeSegment size{.width = 64, .height = 64, .tile_width = 1, .tile_height = 1};
  Data parts;
  for (std::uint64_t number = 0; number < 100; ++number) {
    for (std::uint64_t tile = 0; tile < 4096; ++tile) {
      put(parts, tile_part(tile, number, {}, Data(number == 0 ? 1 : 0)));
    }
  }
  const Data header = joined({size.segment(), CodingSegment{}.segment(), quantisation(1)});
  EXPECT_EQ(try_twice(codestream(header, parts)), std::nullopt);
}

TEST_F(Jp2Bombs, HeadersOfTilesWithoutEnd) {
  const Data own = joined({repeated(comment(0), 65'000), CodingSegment{}.segment()});
  EXPECT_EQ(try_twice(one_tile(plain_header(64), own, Data(1))), std::nullopt);
  EXPECT_EQ(try_twice(one_tile(plain_header(64), repeated(comment(0), 66'000), Data(1))),
            ErrorKind::corrupt);
  const Data steps = repeated(quantisation(65'000), 300);
  EXPECT_EQ(try_twice(one_tile(plain_header(64), steps, Data(1))), std::nullopt);
}

TEST_F(Jp2Bombs, HeadersOfFilesWithoutEnd) {
  EXPECT_EQ(try_twice(one_tile(plain_header(64, repeated(comment(0), 500'000)), {}, Data(1))),
            std::nullopt);
  const Data lengths = segment(0xFF55, {0, 0x40});
  EXPECT_EQ(try_twice(one_tile(plain_header(64, repeated(lengths, 300'000)), {}, Data(1))),
            ErrorKind::corrupt);
  // Packed headers of 16000 tile-parts in each, all of which are empty.
  Data packed;
  for (int i = 0; i < 30; ++i) {
    put(packed, segment(0xFF60, joined({Data{static_cast<std::uint8_t>(i)}, Data(64'000)})));
  }
  const auto kind = try_twice(one_tile(plain_header(64, packed), {}, Data(1)));
  EXPECT_EQ(kind, ErrorKind::corrupt);
}

TEST_F(Jp2Bombs, PlacesAtTheEndOfTheGrid) {
  const auto try_size = [this](const SizeSegment& size) {
    const Data header = joined({size.segment(), CodingSegment{}.segment(), quantisation(1)});
    return try_twice(one_tile(header, {}, Data(300)));
  };
  constexpr std::uint32_t kLast = 0xFFFFFFFF;
  EXPECT_EQ(try_size({.width = kLast, .height = kLast, .left = kLast - 9, .top = kLast - 9}),
            ErrorKind::too_large);
  EXPECT_EQ(try_size({.left = 50, .top = 50, .tile_width = kLast, .tile_height = kLast}),
            std::nullopt);
  EXPECT_EQ(try_size({.left = 50,
                      .top = 50,
                      .tile_width = kLast,
                      .tile_height = kLast,
                      .tile_left = 50,
                      .tile_top = 50}),
            std::nullopt);
  EXPECT_EQ(try_size({.tile_left = kLast, .tile_top = kLast}), ErrorKind::corrupt);
  EXPECT_EQ(
      try_size({.width = 0x7FFFFFFF, .height = 9, .left = 0x7FFF0000, .components = alike(1, 255)}),
      std::nullopt);
  EXPECT_EQ(try_size({.components = {{37, 1, 1}}}), ErrorKind::unsupported);
  EXPECT_EQ(try_size({.components = {{0x7F, 1, 1}}}), ErrorKind::corrupt);
  EXPECT_EQ(try_size({.components = {{7, 0, 1}}}), ErrorKind::corrupt);
}

// Boxes as large as they may be around a picture of one pixel.
TEST_F(Jp2Bombs, Boxes) {
  const Data picture = box("jp2c", one_tile(plain_header(1), {}, Data(1)));
  const Data head{0, 0, 0, 12, 'j', 'P', ' ', ' ', '\r', '\n', 0x87, '\n'};
  const auto try_boxes = [&](const Data& boxes) {
    return try_twice(joined({head, box("jp2h", boxes), picture}));
  };
  const Data palette =
      box("pclr", joined({Data{0x04, 0x00, 255}, Data(255, 15), Data(1024 * 255 * 2)}));
  const Data mapping = box("cmap", repeated({0, 0, 1, 254}, 250'000));
  Data definitions{0xFF, 0xFF};
  for (std::uint64_t i = 0; i < 65'535; ++i) put(definitions, i << 32U, 6);
  EXPECT_EQ(try_boxes(palette), std::nullopt);
  EXPECT_EQ(try_boxes(joined({palette, mapping})), std::nullopt);
  EXPECT_EQ(try_boxes(joined({palette, mapping, box("cdef", definitions)})), std::nullopt);
  EXPECT_EQ(try_boxes(repeated(palette, 20)), std::nullopt);
  const Data densities = box("res ", repeated(box("resc", Data(1'000'000, 0x7F)), 20));
  EXPECT_EQ(try_boxes(densities), std::nullopt);
  EXPECT_EQ(try_boxes(repeated(box("xxxx", {}), 1100)), ErrorKind::corrupt);
}

}  // namespace
}  // namespace iip::test

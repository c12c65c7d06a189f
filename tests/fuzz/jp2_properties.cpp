#include "jp2_properties.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "engine/formats/jpeg2000/codestream/boxes.h"
#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/codestream/limits.h"
#include "engine/formats/jpeg2000/colour.h"
#include "engine/formats/jpeg2000/decode/region.h"
#include "engine/formats/jpeg2000/index/block_finder.h"
#include "engine/formats/jpeg2000/index/packed_headers.h"
#include "engine/formats/jpeg2000/index/packets.h"
#include "engine/formats/jpeg2000/index/plt.h"
#include "engine/formats/jpeg2000/index/tile_headers.h"
#include "engine/formats/jpeg2000/index/tile_index.h"
#include "engine/formats/jpeg2000/index/tile_parts.h"
#include "engine/formats/jpeg2000/openjpeg/excerpt.h"
#include "heap_pattern.h"

namespace iip {

namespace {

constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 38;
constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 20;  // keeps single runs short

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <class T>
bool went_well(const Result<T>& result) {
  check(result || result.error().kind == ErrorKind::corrupt ||
            result.error().kind == ErrorKind::unsupported ||
            result.error().kind == ErrorKind::too_large,
        "an error of a kind that a file can not cause");
  return result.has_value();
}

File file_of(const std::uint8_t* data, std::size_t size) {
  UniqueFd memory(::memfd_create("fuzz", MFD_CLOEXEC));
  check(::write(memory.get(), data, size) == static_cast<ssize_t>(size), "memfd");
  Result<File> file = File::adopt(std::move(memory));
  check(file.has_value(), "memfd");
  return std::move(*file);
}

struct Headers {
  Jp2Boxes boxes;
  J2kHeader header;
};

std::optional<Headers> read_headers(const File& file) {
  SourceLimits limits;
  limits.max_metadata = 1000;
  MetadataAllowance allowance(limits);
  Result<Jp2Boxes> boxes = read_jp2_boxes(file, allowance, Deadline());
  if (!went_well(boxes)) return std::nullopt;
  check(boxes->codestream_offset + boxes->codestream_length <= file.size(),
        "a codestream beyond the file");
  Result<J2kHeader> header =
      read_j2k_header(file, boxes->codestream_offset, boxes->codestream_length);
  if (!went_well(header)) return std::nullopt;
  if (!went_well(check_j2k_limits(*header, kMostPixels, boxes->codestream_length))) {
    return std::nullopt;
  }
  return Headers{std::move(*boxes), std::move(*header)};
}

struct IndexedTile {
  const ReadContext& context;
  const J2kHeader& header;
  const J2kTile& tile;
  const Rect rect;
  const J2kTileIndex& index;
};

// Calls `work` with an index that was made by reading the tile's packets, and with one that was
// made by their lengths, as far as there can be one.
template <class Work>
void for_each_index(const ReadContext& context, const J2kHeader& header, const J2kTile& tile,
                    const Rect& rect, const Work& work) {
  const auto index =
      J2kTileIndex::make(context.file, header, tile, rect, kMostBytes, context.budget, {});
  if (went_well(index)) work(IndexedTile{context, header, tile, rect, **index});
  if (tile.has_packed_headers || !PltPacketLengths::are_in(tile)) return;
  const auto by_lengths = J2kTileIndex::make_by_lengths(context.file, header, tile, rect,
                                                        kMostBytes, context.budget, {});
  if (went_well(by_lengths)) work(IndexedTile{context, header, tile, rect, **by_lengths});
}

// The same with the first tile and the last, and with tile-parts that were found either way.
template <class Work>
void for_some_tiles(const std::uint8_t* data, std::size_t size, const Work& work) {
  const File file = file_of(data, size);
  const auto headers = read_headers(file);
  if (!headers) return;
  const J2kHeader& header = headers->header;
  const J2kCodestream codestream{headers->boxes.codestream_offset,
                                 headers->boxes.codestream_length};
  MemoryPool pool(4 * kMostBytes);
  MemoryBudget budget(pool, pool.limit());
  NoLog log;
  const ReadContext context{file, budget, log};
  const auto coding = std::make_shared<const J2kCoding>(header.coding);
  const auto look_into = [&](const Result<std::shared_ptr<const J2kTileParts>>& parts) {
    if (!went_well(parts)) return;
    const auto packed =
        J2kPackedHeaders::find(file, codestream, header, (*parts)->count(), budget, {});
    if (!went_well(packed)) return;
    const J2kPackedHeaders* const main = header.packed_headers.empty() ? nullptr : packed->get();
    for (const std::int64_t number : {std::int64_t{0}, header.tiles() - 1}) {
      const auto tile = read_tile_headers({file, header, coding, **parts, main}, number, {});
      if (!went_well(tile)) continue;
      for_each_index(context, header, *tile, header.tile_rect(number), work);
    }
  };
  look_into(J2kTileParts::find(file, codestream, header, budget, {}));
  if (!header.tlm.empty()) {
    look_into(J2kTileParts::find_by_lengths(file, codestream, header, budget));
  }
  check(budget.used() == 0 && pool.used() == 0, "memory is still counted");
}

// Within one tile-part's data, and behind `previous`.
void check_piece(const J2kTile& tile, const J2kSpan& piece, std::uint64_t previous) {
  check(std::any_of(tile.data.begin(), tile.data.end(),
                    [&piece](const J2kSpan& part) {
                      return piece.offset >= part.offset && piece.end() <= part.end();
                    }),
        "bytes of a code-block outside the data of its tile");
  check(piece.offset >= previous, "the bytes of a layer before those of the layer below");
}

// What the first `layers` layers bring of a code-block.
void check_block(const J2kTile& tile, const J2kBlockData& data, std::uint8_t style, int layers) {
  constexpr int kMostPasses = 164;
  constexpr int kMostZeroPlanes = 74;
  check(data.passes > 0 && data.passes <= kMostPasses, "a code-block of too many passes");
  check(data.zero_planes >= 0 && data.zero_planes <= kMostZeroPlanes, "too many zero bit planes");
  check(data.pieces.size() <= static_cast<std::size_t>(layers), "more pieces than layers");
  std::uint64_t stored = 0;
  std::uint64_t previous = 0;
  for (const J2kSpan& piece : data.pieces) {
    check_piece(tile, piece, previous);
    previous = piece.end();
    stored += piece.length;
  }
  const J2kSegmentRule rule(style);
  int passes = 0;
  std::uint64_t length = 0;
  for (const J2kBlockData::Segment& segment : data.segments) {
    check(segment.passes > 0 && segment.passes == rule.take(passes, segment.passes),
          "a segment of more passes than its kind has");
    passes += segment.passes;
    length += segment.length;
  }
  check(passes == data.passes, "segments of other passes than the code-block's");
  check(length == stored, "segments of other lengths than the pieces'");
}

// A code-block's data in fewer layers are the beginning of those in more.
void check_prefix(const J2kBlockData& less, const J2kBlockData& more) {
  check(less.passes <= more.passes && less.pieces.size() <= more.pieces.size() &&
            less.segments.size() <= more.segments.size(),
        "more in fewer layers");
  check(less.passes == 0 || less.zero_planes == more.zero_planes, "zero bit planes of a layer");
  for (std::size_t i = 0; i < less.pieces.size(); ++i) {
    check(less.pieces[i].offset == more.pieces[i].offset &&
              less.pieces[i].length == more.pieces[i].length,
          "other bytes in fewer layers");
  }
}

struct BlockPlace {
  int component = 0;
  int resolution = 0;
  int band = 0;
  std::int64_t column = 0;
  std::int64_t row = 0;
};

// Calls `work` with the places of all bands' grids, and with those around them.
template <class Work>
void for_each_place(const J2kTileIndex& index, const Work& work) {
  const std::vector<J2kComponentCoding>& components = index.coding().components;
  for (int c = 0; c < static_cast<int>(components.size()); ++c) {
    for (int r = 0; r <= components[static_cast<std::size_t>(c)].levels; ++r) {
      const J2kGrid grid = index.block_grid(c, r);
      for (int band = j2k_first_band(r); band < j2k_end_band(r); ++band) {
        for (std::int64_t i = 0; i < (grid.across + 2) * (grid.down + 2); ++i) {
          work(BlockPlace{c, r, band, grid.left - 1 + i % (grid.across + 2),
                          grid.top - 1 + i / (grid.across + 2)});
        }
      }
    }
  }
}

// Packets that are not what their lengths say have no code-blocks.
bool find(J2kBlockFinder& finder, const BlockPlace& place, int layers, J2kBlockData& data) {
  const Result<bool> found = finder.find(place.component, place.resolution, place.band,
                                         place.column, place.row, layers, data);
  return went_well(found) && *found;
}

void check_belong_to_one_each(std::vector<J2kSpan> pieces) {
  std::sort(pieces.begin(), pieces.end(),
            [](const J2kSpan& a, const J2kSpan& b) { return a.offset < b.offset; });
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    check(pieces[i].offset >= pieces[i - 1].end(), "bytes that belong to two code-blocks");
  }
}

void check_contributions(const IndexedTile& tile) {
  const J2kTileIndex& index = tile.index;
  const J2kCoding& coding = index.coding();
  check(index.layers_of(0) == coding.layers && index.layers_of(1) == 1, "other layers");
  J2kBlockFinder finder(tile.context, index);
  std::vector<J2kSpan> pieces;
  J2kBlockData all;
  J2kBlockData fewer;
  for_each_place(index, [&](const BlockPlace& place) {
    if (!find(finder, place, 0, all)) return;
    const J2kGrid grid = index.block_grid(place.component, place.resolution);
    check(place.row >= grid.top && place.row < grid.top + grid.down && place.column >= grid.left &&
              place.column < grid.left + grid.across,
          "a code-block outside the grid");
    const std::uint8_t style =
        coding.components[static_cast<std::size_t>(place.component)].block_style;
    check_block(tile.tile, all, style, coding.layers);
    for (const int layers : {1, (coding.layers + 1) / 2}) {
      if (!find(finder, place, layers, fewer)) continue;
      check_block(tile.tile, fewer, style, layers);
      check_prefix(fewer, all);
    }
    std::copy_if(all.pieces.begin(), all.pieces.end(), std::back_inserter(pieces),
                 [](const J2kSpan& piece) { return piece.length != 0; });
  });
  check_belong_to_one_each(std::move(pieces));
}

void check_excerpt(const IndexedTile& tile, const Rect& area, int reduce, Seen& seen) {
  const auto excerpt =
      make_j2k_excerpt(tile.context, tile.header, tile.index, area, reduce, kMostBytes);
  if (!went_well(excerpt)) return;
  seen.add(excerpt->codestream.data(), excerpt->codestream.size());
  const auto parsed = parse_j2k_header(excerpt->codestream);
  check(parsed && *parsed, "an excerpt without a header that can be read");
  check((*parsed)->canvas == excerpt->header.canvas, "an excerpt of another canvas");
  check(intersect(excerpt->area, excerpt->header.canvas) == excerpt->area,
        "an area outside the canvas");
  check(excerpt->area.size() == area.size(), "an area of another size");
}

void check_region(const IndexedTile& tile, const Rect& area, int reduce, Seen& seen) {
  const J2kCoding& coding = tile.index.coding();
  if (coding.levels() < reduce || !has_decodable_blocks(tile.header, coding)) return;
  auto picture = J2kPicture::blank(tile.header, area, tile.context.budget);
  if (!went_well(picture)) return;
  const std::vector<bool> all(tile.header.components.size(), true);
  const std::vector<double> errors(tile.header.components.size(), reduce == 2 ? 0.5 : 0);
  const Status status = decode_j2k_region(tile.context, tile.header, tile.index,
                                          {reduce, area, all, {errors, 1.5}}, *picture);
  if (!went_well(status)) return;
  for (const J2kPlane& plane : picture->planes()) {
    const std::int32_t least = plane.is_signed ? -(1 << (plane.bits - 1)) : 0;
    const std::int32_t most = least + (1 << plane.bits) - 1;
    const auto samples = static_cast<std::size_t>(plane.width * plane.height);
    seen.add(plane.samples, samples * sizeof(std::int32_t));
    for (std::int64_t i = 0; i < plane.width * plane.height; ++i) {
      check(plane.samples[i] >= least && plane.samples[i] <= most, "a sample out of range");
    }
  }
}

}  // namespace

void check_jp2_header(const std::uint8_t* data, std::size_t size) {
  const File file = file_of(data, size);
  const auto headers = read_headers(file);
  if (!headers) return;
  went_well(Jp2Colour::of(headers->boxes, headers->header));
  const J2kHeader& header = headers->header;
  const auto tile = estimate_j2k_tile(header, header.coding, header.tile_rect(0));
  const auto cost =
      estimate_j2k_decode(header, tile, header.canvas, 0, headers->boxes.codestream_length);
  check(cost > 0, "a decode that costs nothing");
}

void check_jp2_index(const std::uint8_t* data, std::size_t size) {
  for_some_tiles(data, size, [](const IndexedTile& tile) {
    check(tile.index.bytes() <= kMostBytes, "an index of more bytes than it may have");
    check(tile.index.rect() == tile.rect, "an index of another tile");
    check_contributions(tile);
  });
}

namespace {

std::uint64_t look_at_excerpts(const std::uint8_t* data, std::size_t size) {
  Seen seen;
  for_some_tiles(data, size, [&seen](const IndexedTile& tile) {
    for (int reduce = 0; reduce <= std::min(tile.header.levels(), 6); reduce += 2) {
      const Rect area = shift_up(tile.rect, reduce);
      const Rect part =
          intersect(area, {area.x + area.width / 2, area.y + area.height / 2, 20, 20});
      if (part.empty()) continue;
      check_excerpt(tile, part, reduce, seen);
      check_region(tile, part, reduce, seen);
    }
  });
  return seen.number();
}

}  // namespace

void check_jp2_excerpts(const std::uint8_t* data, std::size_t size) {
  check(is_same_for_any_heap([&] { return look_at_excerpts(data, size); }),
        "samples or bytes of what memory held before");
}

}  // namespace iip

#include "engine/formats/jpeg2000/openjpeg/excerpt.h"

#include <algorithm>
#include <bit>
#include <string>

#include "engine/base/checked.h"
#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/index/block_finder.h"
#include "engine/formats/jpeg2000/openjpeg/codestream_writer.h"

namespace iip {

namespace {

// Samples of a band beyond its part of the area that the wavelets reach: 3 and 4 of the filters'
// taps on each side, from level to level less than twice that.
constexpr std::int64_t kReach = 8;
// Beyond this the canvas is not cut: the grids of the components meet too seldom.
constexpr std::int64_t kMostAlignment = std::int64_t{1} << 24;
// The bit for HTJ2K among the profiles and capabilities that a codestream may claim: no other says
// how it is to be decoded.
constexpr std::uint16_t kPart15 = 0x4000;

// A distance along one axis that is a whole number of code-blocks in every band of every component.
std::int64_t alignment(const J2kHeader& header, const J2kCoding& coding, int reduce,
                       bool horizontal) {
  std::int64_t distance = 1;
  for (std::size_t i = 0; i < header.components.size(); ++i) {
    const J2kComponent& grid = header.components[i];
    const J2kComponentCoding& of = coding.components[i];
    const int block = horizontal ? of.block_width_log2 : of.block_height_log2;
    const int power = of.levels - reduce + block;
    if (power > 30) return 0;
    distance = checked_lcm(distance, (horizontal ? grid.dx : grid.dy) << power).value_or(0);
    if (distance == 0 || distance > kMostAlignment) return 0;
  }
  return distance;
}

struct Span {
  std::int64_t begin;
  std::int64_t end;
};

// The part [begin, end) of [first, last) and what the wavelets reach, on whole multiples of
// `distance`, as far as those lie inside.
Span cut(const Span& part, const Span& whole, std::int64_t distance, std::int64_t reach) {
  if (distance == 0) return whole;
  const std::int64_t begin = std::max<std::int64_t>(part.begin - reach, 0) / distance * distance;
  const std::int64_t end = ceil_div(part.end + reach, distance) * distance;
  return {std::max(begin, whole.begin), std::min(end, whole.end)};
}

// Resolutions left out at the top; precincts as large as the size of code-blocks allows.
J2kComponentCoding reduced(const J2kComponentCoding& from, int reduce) {
  J2kComponentCoding coding = from;
  coding.levels -= reduce;
  for (int r = 0; r <= coding.levels; ++r) {
    const auto index = static_cast<std::size_t>(r);
    const int halved = r == 0 ? 0 : 1;
    const int width = from.precincts[index] & 0x0F;
    const int height = from.precincts[index] >> 4U;
    const int across = width - halved < from.block_width_log2 ? width : 15;
    const int down = height - halved < from.block_height_log2 ? height : 15;
    coding.precincts[index] = static_cast<std::uint8_t>(across | down << 4);
  }
  const int band_count = 3 * coding.levels + 1;
  const auto bands = static_cast<std::size_t>(band_count);
  const int style = coding.quantisation[0] & 0x1F;
  const std::size_t steps = style == 0 ? bands : style == 1 ? 2 : 2 * bands;
  coding.quantisation.cut(1 + steps);
  return coding;
}

// One axis of a band's part: where [begin, end) of the component, divided down, falls in it.
Rect reach_in_band(const Rect& component_area, int levels, int resolution, int band) {
  const Rect part = j2k_band(component_area, levels, resolution, band);
  const std::int64_t left = std::max<std::int64_t>(part.x - kReach, 0);
  const std::int64_t top = std::max<std::int64_t>(part.y - kReach, 0);
  return {left, top, part.right() + kReach - left, part.bottom() + kReach - top};
}

class ExcerptWriter {
 public:
  ExcerptWriter(const ReadContext& context, const J2kTileIndex& tile, std::uint64_t most_bytes,
                J2kExcerpt& excerpt)
      : context_(context), finder_(context, tile), most_bytes_(most_bytes), excerpt_(excerpt) {}

  Status write();

 private:
  // A code-block of the packet that is written.
  struct Block {
    std::int64_t x = 0;  // in its part of the band
    std::int64_t y = 0;
    J2kBlockData data;
  };

  Status write_packet(std::size_t component, int resolution, const J2kResolution& place,
                      std::int64_t precinct);
  Result<std::vector<Block>> find_blocks(std::size_t component, int resolution, int band,
                                         const J2kGrid& blocks);
  static void write_part(J2kBitWriter& bits, const J2kGrid& blocks,
                         const std::vector<Block>& found);
  static void write_block(J2kBitWriter& bits, const J2kBlockData& data);
  Status copy(const std::vector<J2kSpan>& pieces);

  const ReadContext& context_;
  J2kBlockFinder finder_;
  const std::uint64_t most_bytes_;
  J2kExcerpt& excerpt_;
};

Result<std::vector<ExcerptWriter::Block>> ExcerptWriter::find_blocks(std::size_t component,
                                                                     int resolution, int band,
                                                                     const J2kGrid& blocks) {
  const J2kHeader& header = excerpt_.header;
  const J2kComponent& grid = header.components[component];
  const J2kComponentCoding& coding = header.coding.components[component];
  const Rect wanted =
      reach_in_band(divide_up(excerpt_.area, grid.dx, grid.dy), coding.levels, resolution, band);
  // In the tile, the same blocks lie further on by the distance that the canvas was moved.
  const int level = j2k_band_level(coding.levels, resolution);
  const std::int64_t across = (excerpt_.moved_x / grid.dx >> level) >> blocks.width_log2;
  const std::int64_t down = (excerpt_.moved_y / grid.dy >> level) >> blocks.height_log2;
  std::vector<Block> found;
  for (std::int64_t y = 0; y < blocks.down; ++y) {
    for (std::int64_t x = 0; x < blocks.across; ++x) {
      if (intersect(blocks.cell(x, y), wanted).empty()) continue;
      Block block;
      block.x = x;
      block.y = y;
      const Result<bool> has_passes =
          finder_.find(static_cast<int>(component), resolution, band, blocks.left + x + across,
                       blocks.top + y + down, context_.layers, block.data);
      if (!has_passes) return tl::unexpected(has_passes.error());
      if (*has_passes) found.push_back(std::move(block));
    }
  }
  return found;
}

void ExcerptWriter::write_block(J2kBitWriter& bits, const J2kBlockData& data) {
  write_pass_count(bits, data.passes);
  constexpr int kFirstWidth = 3;
  int width = kFirstWidth;
  const auto extra = [](const J2kBlockData::Segment& segment) {
    return static_cast<int>(std::bit_width(static_cast<unsigned>(segment.passes))) - 1;
  };
  for (const J2kBlockData::Segment& segment : data.segments) {
    width = std::max(width, static_cast<int>(std::bit_width(segment.length)) - extra(segment));
  }
  for (int i = kFirstWidth; i < width; ++i) bits.bit(1);
  bits.bit(0);
  for (const J2kBlockData::Segment& segment : data.segments) {
    bits.bits(static_cast<std::uint32_t>(segment.length), width + extra(segment));
  }
}

void ExcerptWriter::write_part(J2kBitWriter& bits, const J2kGrid& blocks,
                               const std::vector<Block>& found) {
  J2kTagTreeWriter inclusion(blocks.across, blocks.down);
  J2kTagTreeWriter zero_planes(blocks.across, blocks.down);
  for (const Block& block : found) {
    inclusion.set(block.x, block.y, 0);
    zero_planes.set(block.x, block.y, static_cast<std::uint16_t>(block.data.zero_planes));
  }
  auto next = found.begin();
  for (std::int64_t y = 0; y < blocks.down; ++y) {
    for (std::int64_t x = 0; x < blocks.across; ++x) {
      inclusion.write(bits, x, y, 1);
      if (next == found.end() || next->x != x || next->y != y) continue;
      for (int planes = 0; planes <= next->data.zero_planes; ++planes) {
        zero_planes.write(bits, x, y, static_cast<std::uint16_t>(planes + 1));
      }
      write_block(bits, next->data);
      ++next;
    }
  }
}

// Pieces that follow one another in the file are read at once.
Status ExcerptWriter::copy(const std::vector<J2kSpan>& pieces) {
  ByteVector& out = excerpt_.codestream;
  for (std::size_t i = 0; i < pieces.size();) {
    J2kSpan run = pieces[i++];
    while (i < pieces.size() && pieces[i].offset == run.end()) run.length += pieces[i++].length;
    if (run.length > most_bytes_ - std::min<std::uint64_t>(out.size(), most_bytes_)) {
      return unsupported_codestream("the code-blocks of an excerpt take more than " +
                                    std::to_string(most_bytes_) + " bytes");
    }
    // A vector that grows is there twice for a while.
    if (Status room = context_.budget.grow(excerpt_.memory, 2 * run.length); !room) return room;
    const std::size_t at = out.size();
    out.resize(at + static_cast<std::size_t>(run.length));
    Status status = context_.file.read_at(run.offset, std::span(out).subspan(at));
    if (!status) return status;
  }
  return {};
}

Status ExcerptWriter::write_packet(std::size_t component, int resolution,
                                   const J2kResolution& place, std::int64_t precinct) {
  const J2kHeader& header = excerpt_.header;
  const J2kComponent& grid = header.components[component];
  const J2kComponentCoding& coding = header.coding.components[component];
  const Rect tile_component = divide_up(header.canvas, grid.dx, grid.dy);
  const J2kBlockSize size = j2k_block_size(coding, resolution);
  std::vector<J2kGrid> grids;
  std::vector<std::vector<Block>> parts;
  bool has_content = false;
  for (int band = j2k_first_band(resolution); band < j2k_end_band(resolution); ++band) {
    const Rect part =
        j2k_precinct_band(place, j2k_band(tile_component, coding.levels, resolution, band), band,
                          precinct % place.precincts.across, precinct / place.precincts.across);
    grids.push_back(J2kGrid::over(part, size.width_log2, size.height_log2));
    auto found = find_blocks(component, resolution, band, grids.back());
    if (!found) return tl::unexpected(found.error());
    parts.push_back(std::move(*found));
    has_content = has_content || !parts.back().empty();
  }
  if (!has_content) {
    excerpt_.codestream.push_back(0);
    return {};
  }
  J2kBitWriter bits(excerpt_.codestream);
  bits.bit(1);
  for (std::size_t i = 0; i < parts.size(); ++i) write_part(bits, grids[i], parts[i]);
  bits.finish();
  std::vector<J2kSpan> pieces;
  for (const std::vector<Block>& part : parts) {
    for (const Block& block : part) {
      pieces.insert(pieces.end(), block.data.pieces.begin(), block.data.pieces.end());
    }
  }
  return copy(pieces);
}

Status ExcerptWriter::write() {
  const J2kHeader& header = excerpt_.header;
  constexpr std::uint64_t kHeaders = std::uint64_t{1} << 16;
  Result<Reservation> own = context_.budget.reserve(kHeaders);
  if (!own) return pass_on(own);
  excerpt_.memory = std::move(*own);
  const std::size_t length_at = write_j2k_headers(excerpt_.codestream, header);
  const J2kTileGeometry geometry = j2k_tile_geometry(header, header.coding, header.canvas);
  const Result<Reservation> memory = context_.budget.reserve(J2kProgressionWalk::bytes(geometry));
  if (!memory) return tl::unexpected(memory.error());
  J2kProgressionWalk walk(header, header.coding, header.canvas, geometry, context_.deadline);
  for (J2kPacketPlace place; walk.next(place);) {
    const auto component = static_cast<std::size_t>(place.component);
    Status status = write_packet(component, place.resolution,
                                 geometry[component][static_cast<std::size_t>(place.resolution)],
                                 place.precinct);
    if (!status) return status;
  }
  if (!walk.status()) return walk.status();
  set_tile_part_length(excerpt_.codestream, length_at);
  return {};
}

}  // namespace

Result<J2kExcerpt> make_j2k_excerpt(const ReadContext& context, const J2kHeader& header,
                                    const J2kTileIndex& tile, const Rect& area, int reduce,
                                    std::uint64_t most_bytes) {
  const J2kCoding& coding = tile.coding();
  const Rect whole = shift_up(tile.rect(), reduce);
  const std::int64_t across = alignment(header, coding, reduce, true);
  const std::int64_t down = alignment(header, coding, reduce, false);
  // kReach samples of the smallest band, on the reference grid.
  std::int64_t reach = 0;
  for (std::size_t i = 0; i < header.components.size(); ++i) {
    const int levels = coding.components[i].levels - reduce;
    if (levels < 0) {
      return unsupported_codestream("a tile of fewer resolutions");
    }
    const std::int64_t step = std::max(header.components[i].dx, header.components[i].dy);
    reach = std::max(reach, (kReach * step) << levels);
  }
  const Span x = cut({area.x, area.right()}, {whole.x, whole.right()}, across, reach);
  const Span y = cut({area.y, area.bottom()}, {whole.y, whole.bottom()}, down, reach);

  J2kExcerpt excerpt;
  excerpt.moved_x = across == 0 ? 0 : x.begin / across * across;
  excerpt.moved_y = down == 0 ? 0 : y.begin / down * down;
  excerpt.header.capabilities = header.capabilities & kPart15;
  excerpt.header.extended_capabilities = header.extended_capabilities;
  excerpt.header.components = header.components;
  excerpt.header.canvas = {x.begin - excerpt.moved_x, y.begin - excerpt.moved_y, x.end - x.begin,
                           y.end - y.begin};
  excerpt.header.tile = {0, 0, excerpt.header.canvas.right(), excerpt.header.canvas.bottom()};
  excerpt.header.coding.multiple_component_transform = coding.multiple_component_transform;
  for (const J2kComponentCoding& component : coding.components) {
    excerpt.header.coding.components.push_back(reduced(component, reduce));
  }
  excerpt.area = {area.x - excerpt.moved_x, area.y - excerpt.moved_y, area.width, area.height};
  Status status = ExcerptWriter(context, tile, most_bytes, excerpt).write();
  if (!status) return pass_on(status);
  return excerpt;
}

}  // namespace iip

#include "engine/formats/jpeg2000/source.h"

#include <algorithm>
#include <string>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/limits.h"
#include "engine/formats/jpeg2000/decode/region.h"
#include "engine/formats/jpeg2000/openjpeg/decoder.h"
#include "engine/formats/jpeg2000/openjpeg/excerpt.h"
#include "engine/formats/metadata/embedded_profile.h"
#include "engine/image/box_shrink.h"

namespace iip {

namespace {

constexpr std::int64_t kTileSide = 256;
// The side of what is decoded at a time.
constexpr std::int64_t kBlockSide = 1024;
// The most bytes of the compressed part that a block needs.
constexpr std::uint64_t kMostExcerptBytes = std::uint64_t{64} << 20;
// The most resolutions of all components of all tiles that are decoded together: a dozen in each of
// the most tiles there can be, five times over.
constexpr std::uint64_t kMostResolutions = std::uint64_t{1} << 22;
// A virtual level is averaged from a larger resolution, of which so many lines are read at a time.
constexpr std::int64_t kBandLines = 256;

std::vector<Rect> resolution_areas(const J2kHeader& header, const Size& step) {
  const Rect full = divide_up(header.canvas, step.width, step.height);
  std::vector<Rect> areas;
  for (int reduce = 0; reduce <= header.levels(); ++reduce) {
    const Rect area = shift_up(full, reduce);
    if (area.empty() || (!areas.empty() && area.size() == areas.back().size())) break;
    areas.push_back(area);
  }
  return areas;
}

std::vector<Level> make_levels(const std::vector<Rect>& areas) {
  const Size tile{kTileSide, kTileSide};
  const auto fits = [](const Size& size) { return std::max(size.width, size.height) <= kTileSide; };
  std::vector<Level> levels;
  for (const Rect& area : areas) {
    levels.push_back({area.size(), tile});
    if (fits(area.size())) return levels;
  }
  for (Size size = levels.back().size; !fits(size);) {
    size = {ceil_div(size.width, 2), ceil_div(size.height, 2)};
    levels.push_back({size, tile});
  }
  return levels;
}

ImageInfo describe(const File& file, const Jp2Boxes& boxes, const Jp2Source::Parts& parts,
                   LogSink& log) {
  ImageInfo info;
  info.version = file.version();
  info.format = parts.colour.format();
  info.stored_channels = static_cast<int>(parts.header.components.size());
  info.stored_bits = parts.colour.bits();
  info.value_offset = parts.colour.value_offset();
  info.layers = parts.header.coding.layers;
  info.ranges.assign(static_cast<std::size_t>(info.format.colours()), parts.colour.range());
  info.density = boxes.density;
  info.metadata.xmp = boxes.xmp;
  info.icc_profile = embedded_profile(boxes.icc_profile, log);
  info.type_name = "JPEG 2000";
  info.levels = make_levels(parts.areas);
  return info;
}

}  // namespace

Result<std::shared_ptr<const Source>> Jp2Source::open(const OpenContext& context) {
  MetadataAllowance allowance(context.limits);
  const Result<Jp2Boxes> boxes = read_jp2_boxes(context.file, allowance, context.deadline);
  if (!boxes) return tl::unexpected(boxes.error());
  Result<J2kHeader> header =
      read_j2k_header(context.file, boxes->codestream_offset, boxes->codestream_length);
  if (!header) return pass_on(header);
  Status status = check_j2k_limits(*header, context.limits.max_pixels, boxes->codestream_length);
  if (!status) return pass_on(status);
  Result<Jp2Colour> colour = Jp2Colour::of(*boxes, *header);
  if (!colour) return pass_on(colour);

  const Size step = j2k_pixel_step(header->components);
  std::vector<Rect> areas = resolution_areas(*header, step);
  if (areas.empty()) {
    return damaged_codestream("no samples");
  }
  Parts parts{{boxes->codestream_offset, boxes->codestream_length},
              std::move(*header),
              std::move(*colour),
              step,
              std::move(areas)};
  ImageInfo info = describe(context.file, *boxes, parts, context.log);
  return std::make_shared<const Jp2Source>(std::move(info), std::move(parts));
}

std::uint64_t Jp2Source::kept_bytes() const {
  const J2kHeader& header = parts_.header;
  // The coding is held twice, as the header's and as that of tiles without their own.
  return info_.bytes() + sizeof(Jp2Source) + 2 * header.coding.bytes() +
         header.components.capacity() * sizeof(J2kComponent) +
         (header.packed_headers.capacity() + header.tlm.capacity()) * sizeof(J2kSpan) +
         header.extended_capabilities.capacity() + parts_.colour.table_bytes();
}

Result<Raster> Jp2Source::read(const ReadContext& context, std::size_t level,
                               const Rect& rect) const {
  const bool is_resolution = level < parts_.areas.size();
  const bool inside = (is_resolution || level < info_.levels.size()) && !rect.empty() &&
                      intersect(rect, Rect::of(is_resolution ? parts_.areas[level].size()
                                                             : info_.levels[level].size)) == rect;
  if (!inside) return fail(ErrorKind::internal, "The request failed", "JP2: read outside a level");
  return is_resolution ? read_resolution(context, level, rect)
                       : read_averaged(context, level, rect);
}

Result<Raster> Jp2Source::read_resolution(const ReadContext& context, std::size_t reduce,
                                          const Rect& rect) const {
  auto out = UnwrittenRaster::create(rect.size(), info_.format, context.budget);
  if (!out) return pass_on(out);
  const Rect& whole = parts_.areas[reduce];
  for (std::int64_t row = rect.y / kBlockSide; row * kBlockSide < rect.bottom(); ++row) {
    for (std::int64_t column = rect.x / kBlockSide; column * kBlockSide < rect.right(); ++column) {
      if (auto in_time = context.deadline.check(); !in_time) return pass_on(in_time);
      const Rect part =
          intersect({column * kBlockSide, row * kBlockSide, kBlockSide, kBlockSide}, rect);
      const Rect area{part.x + whole.x, part.y + whole.y, part.width, part.height};
      Status status =
          read_block(context, reduce, area, out->pixels(), part.x - rect.x, part.y - rect.y);
      if (!status) return pass_on(status);
    }
  }
  return std::move(*out).written(rect.height);
}

Status Jp2Source::read_block(const ReadContext& context, std::size_t reduce, const Rect& area,
                             Raster& out, std::int64_t x, std::int64_t y) const {
  const Size& step = parts_.step;
  const Rect grown = with_all_components(area);
  const Rect on_grid{grown.x * step.width, grown.y * step.height, grown.width * step.width,
                     grown.height * step.height};
  const int times = static_cast<int>(reduce);
  const Result<J2kPicture> picture =
      decode(context, times, intersect(on_grid, shift_up(parts_.header.canvas, times)));
  if (!picture) return tl::unexpected(picture.error());
  if (picture->planes().size() != parts_.header.components.size()) {
    return damaged_codestream("components are missing");
  }
  parts_.colour.convert(*picture, area, step, out, x, y);
  return {};
}

// The pixels around `area` that have the samples of subsampled components which it shows: those
// before it, and where the image has none there the next behind it.
Rect Jp2Source::with_all_components(const Rect& area) const {
  const Size common = j2k_common_step(parts_.header.components);
  const std::int64_t left = area.x / common.width * common.width;
  const std::int64_t top = area.y / common.height * common.height;
  return {left, top, area.right() + common.width - 1 - left,
          area.bottom() + common.height - 1 - top};
}

// Calls `work`, which takes its number and returns a Status, for each tile that `full` touches, a
// part of the canvas.
template <class Work>
Status Jp2Source::for_each_tile(const ReadContext& context, const Rect& full,
                                const Work& work) const {
  const J2kHeader& header = parts_.header;
  const std::int64_t first_column = (full.x - header.tile.x) / header.tile.width;
  const std::int64_t end_column = ceil_div(full.right() - header.tile.x, header.tile.width);
  const std::int64_t first_row = (full.y - header.tile.y) / header.tile.height;
  const std::int64_t end_row = ceil_div(full.bottom() - header.tile.y, header.tile.height);
  for (std::int64_t row = first_row; row < end_row; ++row) {
    for (std::int64_t column = first_column; column < end_column; ++column) {
      if (auto in_time = context.deadline.check(); !in_time) return in_time;
      Status status = work(row * header.tiles_across() + column);
      if (!status) return status;
    }
  }
  return {};
}

// `area` is on the reference grid reduced `reduce` times, here and below.
Result<J2kPicture> Jp2Source::decode(const ReadContext& context, int reduce,
                                     const Rect& area) const {
  auto picture = decode_tiles(context, reduce, area);
  if (!picture) return pass_on(picture);
  if (*picture) return std::move(**picture);
  return decode_plainly(context, reduce, area);
}

// What OpenJPEG sets up for that of the tiles which `full` touches that takes the most: each may be
// coded in a way of its own.
Result<std::uint64_t> Jp2Source::largest_tile(const ReadContext& context, const Rect& full) const {
  const J2kHeader& header = parts_.header;
  std::uint64_t largest = 0;
  const Status status = for_each_tile(context, full, [&](std::int64_t number) -> Status {
    const Result<J2kTile> tile = index_.headers(context, number);
    if (!tile) return tl::unexpected(tile.error());
    largest = std::max(largest, estimate_j2k_tile(header, *tile->coding, header.tile_rect(number)));
    return {};
  });
  if (!status) return tl::unexpected(status.error());
  return largest;
}

Result<J2kPicture> Jp2Source::decode_plainly(const ReadContext& context, int reduce,
                                             const Rect& area) const {
  const J2kHeader& header = parts_.header;
  const Rect full{area.x << reduce, area.y << reduce, area.width << reduce, area.height << reduce};
  J2kDecodeRequest request{reduce, context.layers, intersect(full, header.canvas)};
  // OpenJPEG 2.5.0 gives wrong pixels for a part of a tile in HTJ2K, and right ones for the whole.
  if (header.is_high_throughput()) request.area = header.tiles_around(request.area);
  const J2kCodestream& codestream = parts_.codestream;
  const Result<std::uint64_t> tile = largest_tile(context, request.area);
  if (!tile) return tl::unexpected(tile.error());
  const J2kInput input{
      header, codestream.length,
      estimate_j2k_decode(header, *tile, request.area, reduce, codestream.length),
      [&](std::span<std::uint8_t> to) { return context.file.read_at(codestream.offset, to); }};
  Result<J2kPicture> picture = J2kPicture::blank(header, area, context.budget);
  if (!picture) return picture;
  const Status status = decode_j2k(context, input, request, *picture);
  if (!status) return tl::unexpected(status.error());
  return picture;
}

// nullopt where the file has to be decoded plainly.
Result<std::optional<J2kPicture>> Jp2Source::decode_tiles(const ReadContext& context, int reduce,
                                                          const Rect& area) const {
  const J2kHeader& header = parts_.header;
  const Rect full =
      intersect({area.x << reduce, area.y << reduce, area.width << reduce, area.height << reduce},
                header.canvas);
  Result<J2kPicture> picture = J2kPicture::blank(header, area, context.budget);
  if (!picture) return pass_on(picture);
  bool are_all_done = true;
  std::uint64_t resolutions = 0;
  const Status status = for_each_tile(context, full, [&](std::int64_t tile) -> Status {
    const Rect part = intersect(area, shift_up(header.tile_rect(tile), reduce));
    if (part.empty() || !are_all_done) return {};
    const Result<bool> is_done = decode_tile(context, reduce, tile, part, *picture, resolutions);
    if (!is_done) return tl::unexpected(is_done.error());
    are_all_done = *is_done;
    return {};
  });
  if (!status) return tl::unexpected(status.error());
  if (!are_all_done) return std::nullopt;
  return std::optional(std::move(*picture));
}

// Decodes the part of one tile. False where the file has to be decoded plainly. Adds to
// `resolutions` those of all components, which cost something even where they have no samples.
Result<bool> Jp2Source::decode_tile(const ReadContext& context, int reduce, std::int64_t tile,
                                    const Rect& area, J2kPicture& out,
                                    std::uint64_t& resolutions) const {
  const auto index = index_.tile(context, tile);
  if (!index) return tl::unexpected(index.error());
  if (!*index) return false;
  resolutions += (*index)->coding().resolutions();
  if (resolutions > kMostResolutions) {
    return fail(ErrorKind::too_large, "The image takes more time than this server allows",
                "JPEG 2000: too many resolutions of too many tiles");
  }
  const Status status = decode_indexed(context, reduce, **index, area, out);
  if (status) return true;
  if (status.error().kind != ErrorKind::unsupported) return tl::unexpected(status.error());
  // Without the lengths there is an index that does not rely on any.
  if (index_.distrust_lengths(**index, status.error(), context.log)) {
    return decode_tile(context, reduce, tile, area, out, resolutions);
  }
  index_.give_up(status.error(), context.log);
  return false;
}

// Errors: unsupported, where the index is of no use.
Status Jp2Source::decode_indexed(const ReadContext& context, int reduce, const J2kTileIndex& index,
                                 const Rect& area, J2kPicture& out) const {
  if (index.coding().levels() >= reduce && has_decodable_blocks(parts_.header, index.coding())) {
    const J2kRegionRequest request{reduce, area, is_shown_,
                                   parts_.colour.tolerance(context.tolerance, parts_.header)};
    return decode_j2k_region(context, parts_.header, index, request, out);
  }
  return decode_excerpt(context, reduce, index, area, out);
}

Status Jp2Source::decode_excerpt(const ReadContext& context, int reduce, const J2kTileIndex& index,
                                 const Rect& area, J2kPicture& out) const {
  const Result<J2kExcerpt> excerpt =
      make_j2k_excerpt(context, parts_.header, index, area, reduce, kMostExcerptBytes);
  if (!excerpt) return tl::unexpected(excerpt.error());
  J2kDecodeRequest request{0, 0, excerpt->area, excerpt->moved_x, excerpt->moved_y};
  if (parts_.header.is_high_throughput()) request.area = excerpt->header.canvas;
  const J2kHeader& header = excerpt->header;
  const ByteVector& codestream = excerpt->codestream;
  const std::uint64_t tile = estimate_j2k_tile(header, header.coding, header.canvas);
  const J2kInput input{header, codestream.size(),
                       estimate_j2k_decode(header, tile, request.area, 0, codestream.size()),
                       [&](std::span<std::uint8_t> to) -> Status {
                         std::copy(codestream.begin(), codestream.end(), to.begin());
                         return {};
                       }};
  return decode_j2k(context, input, request, out);
}

// Level `level` is the smallest resolution halved some times: each of its pixels is the mean of a
// square of that.
Result<Raster> Jp2Source::read_averaged(const ReadContext& context, std::size_t level,
                                        const Rect& rect) const {
  const std::size_t smallest = parts_.areas.size() - 1;
  const std::int64_t factor = std::int64_t{1} << (level - smallest);
  const Rect covered =
      intersect({rect.x * factor, rect.y * factor, rect.width * factor, rect.height * factor},
                Rect::of(info_.levels[smallest].size));
  ReadContext larger = context;
  larger.tolerance.reduction *= static_cast<double>(factor);
  auto shrinker = BoxShrinker::create(covered.size(), info_.format, factor, factor, context.budget);
  if (!shrinker) return pass_on(shrinker);
  for (std::int64_t top = covered.y; top < covered.bottom(); top += kBandLines) {
    const std::int64_t lines = std::min(kBandLines, covered.bottom() - top);
    Result<Raster> band = read_resolution(larger, smallest, {covered.x, top, covered.width, lines});
    if (!band) return band;
    for (std::int64_t y = 0; y < lines; ++y) shrinker->feed(band->row(y));
  }
  return shrinker->take();
}

}  // namespace iip

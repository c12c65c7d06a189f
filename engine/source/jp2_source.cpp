#include "engine/source/jp2_source.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "engine/source/j2k_excerpt.h"
#include "engine/source/j2k_geometry.h"
#include "engine/source/j2k_limits.h"

namespace iip {

namespace {

// The side of a tile that is offered where the file does not have tiles of a useful size.
constexpr std::int64_t kTileSide = 256;
constexpr std::int64_t kMostTileSide = 512;
// The side of what is decoded at a time.
constexpr std::int64_t kBlockSide = 1024;
// The side of what is decoded for a tile, and kept for its neighbours. The wavelets reach beyond a
// tile of 256 into twelve more code-blocks of each band, which makes it cost four times its own; a
// block of 512 costs twice what one of its tiles does.
constexpr std::int64_t kKeptSide = 512;
// Of the compressed part that a block needs.
constexpr std::uint64_t kMostExcerptBytes = std::uint64_t{64} << 20;
// Rows of a virtual level are made from about this many pixels at a time.
constexpr std::int64_t kAveragedAtOnce = std::int64_t{4} << 20;

// The finest spacing of samples among the components.
Size finest_step(const J2kHeader& header) {
  Size step{255, 255};
  for (const J2kComponent& component : header.components) {
    step.width = std::min(step.width, component.dx);
    step.height = std::min(step.height, component.dy);
  }
  return step;
}

// Pixels between two places where samples of all components coincide.
Size common_step(const J2kHeader& header, const Size& step) {
  Size common = step;
  for (const J2kComponent& component : header.components) {
    common.width = std::lcm(common.width, component.dx);
    common.height = std::lcm(common.height, component.dy);
  }
  return {common.width / step.width, common.height / step.height};
}

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

Size tile_size(const J2kHeader& header, const Size& step) {
  const Rect& tile = header.tile;
  const Rect& canvas = header.canvas;
  const bool has_tiles = header.tiles_across() * header.tiles_down() > 1;
  const bool fits_grid =
      has_tiles && tile.x == canvas.x && tile.y == canvas.y && step == Size{1, 1};
  const auto suits = [](std::int64_t side) { return side >= kTileSide && side <= kMostTileSide; };
  if (fits_grid && suits(tile.width) && suits(tile.height)) return tile.size();
  return {kTileSide, kTileSide};
}

std::vector<Level> make_levels(const std::vector<Rect>& areas, const Size& tile) {
  std::vector<Level> levels;
  for (const Rect& area : areas) levels.push_back({area.size(), tile});
  for (Size size = levels.back().size; std::max(size.width, size.height) > kTileSide;) {
    size = {ceil_div(size.width, 2), ceil_div(size.height, 2)};
    levels.push_back({size, tile});
  }
  return levels;
}

ImageInfo describe(const File& file, const Jp2Boxes& boxes, const Jp2Source::Parts& parts) {
  ImageInfo info;
  info.version = file.version();
  info.format = parts.colour.format();
  info.stored_channels = static_cast<int>(parts.header.components.size());
  info.stored_bits = 1;
  for (const J2kComponent& component : parts.header.components) {
    info.stored_bits = std::max(info.stored_bits, component.bits);
  }
  info.layers = parts.header.coding.layers;
  info.ranges.resize(
      static_cast<std::size_t>(info.format.channels() - (info.format.alpha ? 1 : 0)));
  info.density = boxes.density;
  info.metadata.xmp = boxes.xmp;
  info.icc_profile = boxes.icc_profile;
  info.type_name = "JPEG 2000";
  info.levels = make_levels(parts.areas, tile_size(parts.header, parts.step));
  return info;
}

// Averages blocks of `side` x `side` pixels of `from` (fewer at its far edges) into rows of `out`.
void average(const Raster& from, std::int64_t side, Raster& out, std::int64_t first_row) {
  const auto channels = static_cast<std::size_t>(from.channels());
  const std::int64_t rows = ceil_div(from.size().height, side);
  const std::int64_t columns = ceil_div(from.size().width, side);
  std::vector<std::uint64_t> sums;
  for (std::int64_t row = 0; row < rows; ++row) {
    sums.assign(static_cast<std::size_t>(columns) * channels, 0);
    const std::int64_t end = std::min((row + 1) * side, from.size().height);
    for (std::int64_t y = row * side; y < end; ++y) {
      const std::uint8_t* pixel = from.row(y);
      for (std::int64_t x = 0; x < from.size().width; ++x) {
        std::uint64_t* sum = sums.data() + static_cast<std::size_t>(x / side) * channels;
        for (std::size_t c = 0; c < channels; ++c) sum[c] += *pixel++;
      }
    }
    std::uint8_t* to = out.row(first_row + row);
    for (std::int64_t x = 0; x < columns; ++x) {
      const std::int64_t across = std::min(side, from.size().width - x * side);
      const auto count = static_cast<std::uint64_t>(across * (end - row * side));
      for (std::size_t c = 0; c < channels; ++c) {
        const std::uint64_t sum = sums[static_cast<std::size_t>(x) * channels + c];
        *to++ = static_cast<std::uint8_t>((sum + count / 2) / count);
      }
    }
  }
}

}  // namespace

Result<std::shared_ptr<const Source>> Jp2Source::open(const File& file, const SourceLimits& limits,
                                                      LogSink&) {
  const Result<Jp2Boxes> boxes = read_jp2_boxes(file, limits.max_metadata);
  if (!boxes) return tl::unexpected(boxes.error());
  Result<J2kHeader> header =
      read_j2k_header(file, boxes->codestream_offset, boxes->codestream_length);
  if (!header) return pass_on(header);
  Status status = check_j2k_limits(*header, limits.max_pixels, boxes->codestream_length);
  if (!status) return pass_on(status);
  Result<Jp2Colour> colour = Jp2Colour::of(*boxes, *header);
  if (!colour) return pass_on(colour);

  const Size step = finest_step(*header);
  std::vector<Rect> areas = resolution_areas(*header, step);
  if (areas.empty()) {
    return fail(ErrorKind::corrupt, "The image file is damaged", "JPEG 2000: no samples");
  }
  Parts parts{{boxes->codestream_offset, boxes->codestream_length},
              std::move(*header),
              std::move(*colour),
              step,
              std::move(areas)};
  ImageInfo info = describe(file, *boxes, parts);
  return std::make_shared<const Jp2Source>(std::move(info), std::move(parts), limits.held);
}

Result<Raster> Jp2Source::read(const ReadContext& context, std::size_t level,
                               const Rect& rect) const {
  const bool inside = level < info_.levels.size() && !rect.empty() &&
                      intersect(rect, Rect::of(info_.levels[level].size)) == rect;
  if (!inside) return fail(ErrorKind::internal, "The request failed", "JP2: read outside a level");
  Result<Raster> raster = Raster::create(rect.size(), info_.format, context.budget);
  if (!raster) return raster;
  Status status = level < parts_.areas.size() ? read_resolution(context, level, rect, *raster)
                                              : read_averaged(context, level, rect, *raster);
  if (!status) return pass_on(status);
  return raster;
}

Status Jp2Source::read_kept(const ReadContext& context, std::size_t reduce, const Rect& rect,
                            Raster& out) const {
  const std::int64_t column = rect.x / kKeptSide;
  const std::int64_t row = rect.y / kKeptSide;
  const Rect block = intersect({column * kKeptSide, row * kKeptSide, kKeptSide, kKeptSide},
                               Rect::of(parts_.areas[reduce].size()));
  const auto make = [&]() -> Result<Raster> {
    Result<Raster> raster = Raster::create(block.size(), info_.format, context.budget);
    if (!raster) return raster;
    const Rect& whole = parts_.areas[reduce];
    const Rect area{block.x + whole.x, block.y + whole.y, block.width, block.height};
    Status status = read_block(context, reduce, area, *raster, 0, 0);
    if (!status) return pass_on(status);
    return raster;
  };
  const Rect part{rect.x - block.x, rect.y - block.y, rect.width, rect.height};
  return blocks_.copy({reduce, context.layers, column, row}, part, make, context.deadline, out, 0,
                      0);
}

Status Jp2Source::read_resolution(const ReadContext& context, std::size_t reduce, const Rect& rect,
                                  Raster& out) const {
  const Rect& whole = parts_.areas[reduce];
  const bool is_in_one_block = rect.x / kKeptSide == (rect.right() - 1) / kKeptSide &&
                               rect.y / kKeptSide == (rect.bottom() - 1) / kKeptSide;
  if (is_in_one_block && keeps_blocks_) return read_kept(context, reduce, rect, out);
  for (std::int64_t row = rect.y / kBlockSide; row * kBlockSide < rect.bottom(); ++row) {
    for (std::int64_t column = rect.x / kBlockSide; column * kBlockSide < rect.right(); ++column) {
      if (auto in_time = context.deadline.check(); !in_time) return in_time;
      const Rect part =
          intersect({column * kBlockSide, row * kBlockSide, kBlockSide, kBlockSide}, rect);
      const Rect area{part.x + whole.x, part.y + whole.y, part.width, part.height};
      Status status = read_block(context, reduce, area, out, part.x - rect.x, part.y - rect.y);
      if (!status) return status;
    }
  }
  return {};
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
    return fail(ErrorKind::corrupt, "The image file is damaged",
                "JPEG 2000: components are missing");
  }
  parts_.colour.convert(*picture, area, step, out, x, y);
  return {};
}

// The pixels around `area` that have the samples of subsampled components which it shows: those
// before it, and where the image has none there the next behind it.
Rect Jp2Source::with_all_components(const Rect& area) const {
  const Size common = common_step(parts_.header, parts_.step);
  const std::int64_t left = area.x / common.width * common.width;
  const std::int64_t top = area.y / common.height * common.height;
  return {left, top, area.right() + common.width - 1 - left,
          area.bottom() + common.height - 1 - top};
}

// `area` is on the reference grid reduced `reduce` times, here and below.
Result<J2kPicture> Jp2Source::decode(const ReadContext& context, int reduce,
                                     const Rect& area) const {
  auto picture = decode_excerpts(context, reduce, area);
  if (!picture) return pass_on(picture);
  if (*picture) return std::move(**picture);
  return decode_plainly(context, reduce, area);
}

Result<J2kPicture> Jp2Source::decode_plainly(const ReadContext& context, int reduce,
                                             const Rect& area) const {
  const J2kHeader& header = parts_.header;
  const Rect full{area.x << reduce, area.y << reduce, area.width << reduce, area.height << reduce};
  J2kDecodeRequest request{reduce, context.layers, intersect(full, header.canvas)};
  // OpenJPEG 2.5.0 gives wrong pixels for a part of a tile in HTJ2K, and right ones for the whole.
  if (header.is_high_throughput()) request.area = header.tiles_around(request.area);
  const J2kCodestream& codestream = parts_.codestream;
  const Result<Reservation> reservation =
      context.budget.reserve(estimate_j2k_decode(header, request.area, reduce, codestream.length));
  if (!reservation) return tl::unexpected(reservation.error());
  const J2kFileStream stream(context.file, codestream.offset, codestream.length);
  return decode_j2k(stream, request, context.deadline);
}

// nullopt where the file has to be decoded plainly.
Result<std::optional<J2kPicture>> Jp2Source::decode_excerpts(const ReadContext& context, int reduce,
                                                             const Rect& area) const {
  const J2kHeader& header = parts_.header;
  const Rect full =
      intersect({area.x << reduce, area.y << reduce, area.width << reduce, area.height << reduce},
                header.canvas);
  const std::int64_t first_column = (full.x - header.tile.x) / header.tile.width;
  const std::int64_t end_column = ceil_div(full.right() - header.tile.x, header.tile.width);
  const std::int64_t first_row = (full.y - header.tile.y) / header.tile.height;
  const std::int64_t end_row = ceil_div(full.bottom() - header.tile.y, header.tile.height);
  if (end_column - first_column == 1 && end_row - first_row == 1) {
    return decode_excerpt(context, reduce, first_row * header.tiles_across() + first_column, area);
  }
  std::optional<J2kPicture> whole;
  for (std::int64_t row = first_row; row < end_row; ++row) {
    for (std::int64_t column = first_column; column < end_column; ++column) {
      if (auto in_time = context.deadline.check(); !in_time) return pass_on(in_time);
      const std::int64_t tile = row * header.tiles_across() + column;
      const Rect part = intersect(area, shift_up(header.tile_rect(tile), reduce));
      if (part.empty()) continue;
      auto picture = decode_excerpt(context, reduce, tile, part);
      if (!picture || !*picture) return picture;
      if (!whole) whole = J2kPicture::blank(header, area);
      whole->paste(**picture);
    }
  }
  return whole;
}

Result<std::optional<J2kPicture>> Jp2Source::decode_excerpt(const ReadContext& context, int reduce,
                                                            std::int64_t tile,
                                                            const Rect& area) const {
  const auto index = index_.tile(context, tile);
  if (!index) return tl::unexpected(index.error());
  if (!*index) return std::nullopt;
  const Result<J2kExcerpt> excerpt = make_j2k_excerpt(context.file, parts_.header, **index, area,
                                                      reduce, context.layers, kMostExcerptBytes);
  if (!excerpt) {
    if (excerpt.error().kind != ErrorKind::unsupported) return tl::unexpected(excerpt.error());
    index_.give_up(excerpt.error(), context.log);
    return std::nullopt;
  }
  J2kDecodeRequest request{0, 0, excerpt->area, excerpt->moved_x, excerpt->moved_y};
  if (parts_.header.is_high_throughput()) request.area = excerpt->header.canvas;
  const Result<Reservation> reservation = context.budget.reserve(
      estimate_j2k_decode(excerpt->header, request.area, 0, excerpt->codestream.size()));
  if (!reservation) return tl::unexpected(reservation.error());
  const J2kMemoryStream stream(excerpt->codestream);
  auto picture = decode_j2k(stream, request, context.deadline);
  if (!picture) return pass_on(picture);
  return std::optional(std::move(*picture));
}

// Level `level` is the smallest resolution halved some times: each of its pixels is the mean of a
// square of that.
Status Jp2Source::read_averaged(const ReadContext& context, std::size_t level, const Rect& rect,
                                Raster& out) const {
  const std::size_t smallest = parts_.areas.size() - 1;
  const std::int64_t side = std::int64_t{1} << (level - smallest);
  const Rect covered =
      intersect({rect.x * side, rect.y * side, rect.width * side, rect.height * side},
                Rect::of(info_.levels[smallest].size));
  const std::int64_t rows = std::max<std::int64_t>(1, kAveragedAtOnce / (covered.width * side));
  for (std::int64_t row = 0; row < rect.height; row += rows) {
    const std::int64_t top = covered.y + row * side;
    const std::int64_t height = std::min(rows * side, covered.bottom() - top);
    Result<Raster> band = read(context, smallest, {covered.x, top, covered.width, height});
    if (!band) return pass_on(band);
    average(*band, side, out, row);
  }
  return {};
}

}  // namespace iip

#include "engine/formats/tiff/level.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "engine/base/checked.h"

namespace iip {

namespace {

constexpr std::uint64_t kMostStoredBytes = std::uint64_t{128} << 20;
constexpr std::size_t kMostPlanes = 32;
// A stored tile's header is some 30 bytes long where its tables are elsewhere, 650 otherwise.
constexpr std::uint64_t kLikelyHeaderBytes = 1024;
constexpr std::uint64_t kMostHeaderBytes = 65536;
// A stored tile that is longer is decoded instead of passed on: a sample takes four bytes at most
// in the data of a JPEG picture, so the rest is none, and where httpd has to copy what it sends it
// does so as a whole.
constexpr std::uint64_t kMostBytesASample = 4;
constexpr std::uint64_t kMostPassedOn = std::uint64_t{16} << 20;

std::optional<JpegTables> tables_of(const TiffImage& image) {
  if (image.jpeg_tables.empty()) return JpegTables{};
  return read_jpeg_tables(image.jpeg_tables.span());
}

// What the slowest take for a block, as many as others: for a window of megabytes, and for going to
// another process.
std::uint64_t times_slower(TiffCompression compression) {
  switch (compression) {
    case TiffCompression::lzma:
      return 8;
    case TiffCompression::lerc:
      return 16;
    default:
      return 1;
  }
}

}  // namespace

Result<std::span<std::uint8_t>> TiffScratch::Buffer::of(std::uint64_t bytes) {
  if (bytes > capacity_) {
    data_.reset();
    reservation_ = Reservation();
    capacity_ = 0;
    Result<Reservation> reservation = budget_.reserve(bytes);
    if (!reservation) return pass_on(reservation);
    reservation_ = std::move(*reservation);
    data_ = std::make_unique_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(bytes));
    capacity_ = bytes;
  }
  return std::span(data_.get(), static_cast<std::size_t>(bytes));
}

TiffLevel::TiffLevel(TiffImage image, TiffColour colour)
    : image_(std::move(image)),
      colour_(std::move(colour)),
      decoder_(image_),
      tables_(tables_of(image_)) {}

std::uint64_t TiffLevel::kept_bytes() const {
  const std::uint64_t tables = image_.jpeg_tables.size();
  return sizeof(TiffLevel) + colour_.table_bytes() + tables +
         (tables_ ? tables_->segments.size() : 0) + image_.offsets.loaded_bytes() +
         image_.byte_counts.loaded_bytes() + (image_.old_jpeg ? image_.old_jpeg->bytes() : 0);
}

Effort TiffLevel::effort(const Rect& rect) const {
  const auto touched = [](std::int64_t from, std::int64_t to, std::int64_t side) {
    return static_cast<std::uint64_t>((to - 1) / side - from / side + 1);
  };
  const std::uint64_t across = touched(rect.x, rect.right(), image_.block.width) * planes();
  const std::uint64_t blocks = across * touched(rect.y, rect.bottom(), image_.block.height);
  const std::uint64_t bytes =
      has_plain_rows() ? saturated_mul(across, image_.decoded_bytes(rect.height))
                       : saturated_mul(blocks, image_.decoded_bytes(image_.block.height));
  return {blocks * times_slower(image_.compression), bytes};
}

Status TiffLevel::read(const ReadContext& context, const Rect& rect, Raster& out) const {
  TiffScratch scratch(context.budget);
  std::vector<Index> indexes(planes(), Index(context.file, image_));
  const Size& block = image_.block;
  for (std::int64_t row = rect.y / block.height; row * block.height < rect.bottom(); ++row) {
    for (std::int64_t column = rect.x / block.width; column * block.width < rect.right();
         ++column) {
      if (auto in_time = context.deadline.check(); !in_time) return in_time;
      Status status = read_block(context, scratch, indexes, {column, row}, rect, out);
      if (!status) {
        status.error().detail += " (block " + std::to_string(column) + ", " + std::to_string(row) +
                                 " of the level of " + std::to_string(image_.size.width) + "x" +
                                 std::to_string(image_.size.height) + ")";
        return status;
      }
    }
  }
  return {};
}

Status TiffLevel::read_block(const ReadContext& context, TiffScratch& scratch,
                             std::span<Index> indexes, const Block& block, const Rect& rect,
                             Raster& out) const {
  const std::int64_t row = block.row;
  const Rect whole{block.column * image_.block.width, row * image_.block.height, image_.block.width,
                   image_.block.height};
  const Rect wanted = intersect(whole, rect);
  const Rect part{wanted.x - whole.x, wanted.y - whole.y, wanted.width, wanted.height};
  const Rect target{wanted.x - rect.x, wanted.y - rect.y, wanted.width, wanted.height};

  std::array<Place, kMostPlanes> places{};
  const std::size_t planes = indexes.size();
  const std::int64_t index = row * image_.blocks_across() + block.column;
  bool sparse = true;
  for (std::size_t plane = 0; plane < planes; ++plane) {
    Result<Place> place =
        find(context.file, indexes[plane],
             colour_.channels()[plane] * image_.blocks_per_plane() * (planes > 1) + index, row);
    if (!place) return pass_on(place);
    places[plane] = *place;
    sparse = sparse && place->bytes == 0;
  }
  if (sparse) {
    colour_.fill_sparse(out, target);
    return {};
  }
  const bool plain = has_plain_rows();
  const std::int64_t rows = plain ? part.height : image_.block_rows(row);
  // A file that holds these rows is at least this long, which also keeps the product in range.
  if (plain && static_cast<std::uint64_t>(rows) > context.file.size() / image_.decoded_bytes(1)) {
    return damaged("blocks are larger than the file");
  }
  const std::uint64_t plane_bytes = image_.decoded_bytes(rows);
  if (part.height == rows && lies_as_decoded(part, target, out)) {
    return fetch(context, scratch, std::span(places).first(1), part,
                 {out.row(target.y), static_cast<std::size_t>(plane_bytes)});
  }
  const Result<std::span<std::uint8_t>> decoded = scratch.decoded(plane_bytes * planes);
  if (!decoded) return tl::unexpected(decoded.error());
  Status status = fetch(context, scratch, std::span(places).first(planes), part, *decoded);
  if (!status) return status;
  colour_.convert({*decoded, plain ? part.y : 0, plane_bytes}, part, out, target.x, target.y);
  return {};
}

// The decoded rows are the pixels of whole rows of `out`, byte for byte: they need no copy.
bool TiffLevel::lies_as_decoded(const Rect& part, const Rect& target, const Raster& out) const {
  return colour_.is_identity() && part.width == image_.block.width && target.x == 0 &&
         out.stride() == image_.decoded_bytes(1);
}

Result<TiffLevel::Place> TiffLevel::find(const File& file, Index& index, std::int64_t block,
                                         std::int64_t row) const {
  const auto at = static_cast<std::uint64_t>(block);
  Result<std::uint64_t> offset = index.offsets.at(at);
  if (!offset) return pass_on(offset);
  Place place{*offset, 0, image_.block_rows(row),
              static_cast<int>(block / image_.blocks_per_plane())};
  if (image_.byte_counts.count() == 0) {
    place.bytes = image_.decoded_bytes(place.rows);
  } else {
    Result<std::uint64_t> bytes = index.byte_counts.at(at);
    if (!bytes) return pass_on(bytes);
    place.bytes = *bytes;
  }
  if (place.offset == 0) place.bytes = 0;
  if (place.bytes > file.size() || place.offset > file.size() - place.bytes) {
    return damaged("a block of " + std::to_string(place.bytes) + " bytes at offset " +
                   std::to_string(place.offset) + " lies beyond the end of the file");
  }
  return place;
}

// Rows that can be taken from the file without decoding what is before them.
bool TiffLevel::has_plain_rows() const {
  return image_.compression == TiffCompression::none && !image_.is_subsampled() &&
         !image_.reversed_bits;
}

// Fills `out` with the samples of one block: those of each place, a plane, behind one another. Of
// an uncompressed block only the rows of `part`. Planes that were never written are zeros.
Status TiffLevel::fetch(const ReadContext& context, TiffScratch& scratch,
                        std::span<const Place> places, const Rect& part,
                        std::span<std::uint8_t> out) const {
  const std::size_t plane_bytes = out.size() / places.size();
  for (const Place& place : places) {
    const std::span<std::uint8_t> plane = out.first(plane_bytes);
    out = out.subspan(plane_bytes);
    Status status;
    if (place.bytes == 0) {
      std::fill(plane.begin(), plane.end(), std::uint8_t{0});
    } else if (has_plain_rows()) {
      status = fetch_rows(context.file, place, part, plane);
    } else {
      status = fetch_decoded(context, scratch, place, plane);
    }
    if (!status) return status;
  }
  return {};
}

Status TiffLevel::fetch_decoded(const ReadContext& context, TiffScratch& scratch,
                                const Place& place, std::span<std::uint8_t> out) const {
  if (place.bytes > kMostStoredBytes) return damaged("a block is stored in too many bytes");
  const std::uint64_t in_front = image_.old_jpeg ? TiffOldJpeg::kRoomInFront : 0;
  const std::uint64_t behind = image_.old_jpeg ? TiffOldJpeg::kRoomBehind : 0;
  const Result<std::span<std::uint8_t>> room = scratch.stored(in_front + place.bytes + behind);
  if (!room) return tl::unexpected(room.error());
  const std::span<std::uint8_t> stored = room->subspan(in_front, place.bytes);
  Status status = context.file.read_at(place.offset, stored);
  if (!status) return status;
  if (!image_.old_jpeg) return decoder_.decode(context, stored, place.rows, out);
  const Result<std::span<std::uint8_t>> stream =
      image_.old_jpeg->complete(*room, {image_.block.width, place.rows}, place.channel);
  if (!stream) return tl::unexpected(stream.error());
  return decoder_.decode(context, *stream, place.rows, out);
}

Status TiffLevel::fetch_rows(const File& file, const Place& place, const Rect& part,
                             std::span<std::uint8_t> out) const {
  const std::uint64_t row_bytes = image_.decoded_bytes(1);
  const auto first = static_cast<std::uint64_t>(part.y);
  const auto end = static_cast<std::uint64_t>(part.bottom());
  if (end > place.bytes / row_bytes) return damaged("an uncompressed block is too short");
  Status status = file.read_at(place.offset + first * row_bytes, out);
  constexpr bool kHostIsBig = std::endian::native == std::endian::big;
  const std::size_t width = image_.sample.swapped_bytes();
  if (status && width != 0 && image_.big_endian != kHostIsBig) swap_samples(out, width);
  return status;
}

bool TiffLevel::may_go_out_stored() const {
  if (image_.compression != TiffCompression::jpeg || !image_.tiled || image_.separate) return false;
  if (!tables_ || image_.sample.is_signed()) return false;
  return (image_.photometric == TiffPhotometric::ycbcr && image_.samples == 3) ||
         (image_.photometric == TiffPhotometric::min_is_black && image_.samples == 1);
}

// A picture that every decoder takes for the pixels that libtiff makes of it.
bool TiffLevel::is_plain_jpeg(const JpegHeader& header) const {
  constexpr std::uint8_t kBaseline = 0xC0;
  constexpr std::uint8_t kExtended = 0xC1;
  if (header.state != JpegHeader::State::complete) return false;
  if (header.frame_marker != kBaseline && header.frame_marker != kExtended) return false;
  if (header.bits != 8 || header.size != image_.block) return false;
  if (header.component_count != image_.samples || !header.scan_has_all_components) return false;
  if (header.has_other_application_data || header.has_wide_quantisation) return false;
  if (!(header.own_tables | tables_->slots).covers(header.needed_tables)) return false;
  if (header.component_count == 1) return true;

  if (header.has_adobe && header.adobe_transform != 1) return false;
  const auto& components = header.components;
  const bool rgb_ids =
      components[0].id == 'R' && components[1].id == 'G' && components[2].id == 'B';
  const auto is_factor = [](int f) { return f == 1 || f == 2 || f == 4; };
  return !rgb_ids && is_factor(components[0].horizontal) && is_factor(components[0].vertical) &&
         components[1].horizontal == 1 && components[1].vertical == 1 &&
         components[2].horizontal == 1 && components[2].vertical == 1;
}

Result<std::optional<StoredJpegTile>> TiffLevel::stored_jpeg_tile(const ReadContext& context,
                                                                  std::int64_t index) const {
  if (!may_go_out_stored() || index < 0 || index >= geometry().tile_count() ||
      geometry().tile_rect(index).size() != image_.block) {
    return std::nullopt;
  }
  Index places(context.file, image_);
  Result<Place> place = find(context.file, places, index, index / image_.blocks_across());
  if (!place) return pass_on(place);

  constexpr std::uint64_t kShortestTile = 4;
  const std::uint64_t plausible =
      kMostHeaderBytes + kMostBytesASample * image_.decoded_bytes(image_.block.height);
  if (place->bytes < kShortestTile || place->bytes > std::min(plausible, kMostPassedOn)) {
    return std::nullopt;
  }
  JpegHeader header;
  ByteVector head;
  for (const std::uint64_t most : {kLikelyHeaderBytes, kMostHeaderBytes}) {
    head.resize(static_cast<std::size_t>(std::min(place->bytes, most)));
    Status status = context.file.read_at(place->offset, head);
    if (!status) return pass_on(status);
    header = read_jpeg_header(head);
    if (header.state != JpegHeader::State::cut_short) break;
  }
  if (!is_plain_jpeg(header)) return std::nullopt;

  std::array<std::uint8_t, 2> end{};
  Status status = context.file.read_at(place->offset + place->bytes - end.size(), end);
  if (!status) return pass_on(status);
  if (end != std::array<std::uint8_t, 2>{0xFF, 0xD9}) return std::nullopt;
  return StoredJpegTile{place->offset, place->bytes, tables_->segments};
}

}  // namespace iip

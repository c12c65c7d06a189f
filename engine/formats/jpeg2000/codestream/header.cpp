#include "engine/formats/jpeg2000/codestream/header.h"

#include <algorithm>
#include <map>
#include <string>

#include "engine/base/big_endian.h"
#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

// TLM of a file with the most tiles there can be, and comments beside it.
constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{2} << 20;
constexpr std::uint64_t kFirstRead = 8192;
// Segments that are numbered in a byte.
constexpr std::size_t kMostNumbered = 256;
constexpr std::uint64_t kMostComponents = 64;
constexpr std::int64_t kMostTiles = 65535;

Status check_component(const J2kComponent& component) {
  constexpr int kMostBits = 38;
  if (component.dx == 0 || component.dy == 0)
    return damaged_codestream("a component without samples");
  if (component.bits > kMostBits) return damaged_codestream("a component of too many bits");
  return {};
}

Status check_grid(const J2kHeader& header) {
  const Rect& canvas = header.canvas;
  const Rect& tile = header.tile;
  if (canvas.empty() || tile.empty()) return damaged_codestream("an image or tile without area");
  if (tile.x > canvas.x || tile.y > canvas.y || tile.right() <= canvas.x ||
      tile.bottom() <= canvas.y) {
    return damaged_codestream("the first tile lies outside the image");
  }
  // Each factor is below 2^32, and so is their product where both are checked first.
  if (header.tiles_across() > kMostTiles || header.tiles_down() > kMostTiles ||
      header.tiles_across() * header.tiles_down() > kMostTiles) {
    return damaged_codestream("more than 65535 tiles");
  }
  return {};
}

Status read_size(ByteSpan content, J2kHeader& header) {
  BigEndianReader reader(content);
  header.capabilities = static_cast<std::uint16_t>(reader.number(2));
  const std::int64_t right = reader.integer(4);
  const std::int64_t bottom = reader.integer(4);
  header.canvas.x = reader.integer(4);
  header.canvas.y = reader.integer(4);
  header.canvas.width = right - header.canvas.x;
  header.canvas.height = bottom - header.canvas.y;
  header.tile.width = reader.integer(4);
  header.tile.height = reader.integer(4);
  header.tile.x = reader.integer(4);
  header.tile.y = reader.integer(4);
  const std::uint64_t count = reader.number(2);
  if (reader.failed() || count == 0 || reader.left() != count * 3) {
    return damaged_codestream("SIZ does not have the length that it states");
  }
  if (count > kMostComponents) {
    return fail(ErrorKind::too_large, "The image has more components than this server reads",
                "JPEG 2000: " + std::to_string(count) + " components");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t depth = reader.byte();
    J2kComponent component;
    component.bits = (depth & 0x7F) + 1;
    component.is_signed = (depth & 0x80) != 0;
    component.dx = reader.byte();
    component.dy = reader.byte();
    Status status = check_component(component);
    if (!status) return status;
    header.components.push_back(component);
  }
  header.coding.components.resize(header.components.size());
  return check_grid(header);
}

// Reads the main header, marker by marker.
class MainHeaderReader {
 public:
  Result<std::optional<J2kHeader>> read(ByteSpan bytes);

 private:
  Status read_segment(J2kMarker marker, ByteSpan content);
  // These two keep where `content` lies in the file, not its bytes.
  Status add_part_lengths(std::uint64_t at, ByteSpan content);
  Status add_packed_headers(std::uint64_t at, ByteSpan content);
  Status finish();

  J2kHeader header_;
  std::map<std::uint8_t, J2kSpan> packed_headers_;  // by number
  std::optional<J2kSegments> segments_;
};

Status MainHeaderReader::read_segment(J2kMarker marker, ByteSpan content) {
  switch (marker) {
    case J2kMarker::size:
      if (segments_) return damaged_codestream("a second SIZ");
      if (Status status = read_size(content, header_); !status) return status;
      segments_.emplace(header_.coding, header_.components);
      return {};
    case J2kMarker::capabilities:
      header_.extended_capabilities.assign(content.begin(), content.end());
      return {};
    default:
      return segments_->read(marker, content);
  }
}

Status MainHeaderReader::add_part_lengths(std::uint64_t at, ByteSpan content) {
  if (header_.tlm.size() == kMostNumbered) return damaged_codestream("too many TLM");
  header_.tlm.push_back({at, content.size()});
  return {};
}

Status MainHeaderReader::add_packed_headers(std::uint64_t at, ByteSpan content) {
  if (content.empty()) return damaged_codestream("PPM without a number");
  if (!packed_headers_.try_emplace(content.front(), J2kSpan{at + 1, content.size() - 1}).second) {
    return damaged_codestream("two PPM of one number");
  }
  return {};
}

Status MainHeaderReader::finish() {
  if (!segments_ || !segments_->has_coding() || !segments_->has_quantisation()) {
    return damaged_codestream("the header lacks SIZ, COD or QCD");
  }
  for (const auto& [number, content] : packed_headers_) header_.packed_headers.push_back(content);
  return check_j2k_coding(header_.coding);
}

Result<std::optional<J2kHeader>> MainHeaderReader::read(ByteSpan bytes) {
  BigEndianReader reader(bytes);
  const auto start = static_cast<J2kMarker>(reader.number(2));
  if (reader.failed()) return std::nullopt;
  if (start != J2kMarker::start_of_codestream)
    return damaged_codestream("no codestream where one should be");
  for (;;) {
    const std::size_t at = bytes.size() - reader.left();
    const auto marker = static_cast<J2kMarker>(reader.number(2));
    if (reader.failed()) return std::nullopt;
    if (marker == J2kMarker::start_of_tile_part) {
      Status status = finish();
      if (!status) return pass_on(status);
      header_.length = at;
      return std::optional(std::move(header_));
    }
    if (static_cast<unsigned>(marker) < 0xFF00U || marker == J2kMarker::end_of_codestream) {
      return damaged_codestream("no marker at " + std::to_string(at));
    }
    if (!segments_ && marker != J2kMarker::size)
      return damaged_codestream("SIZ does not come first");
    const std::uint64_t length = reader.number(2);
    if (reader.failed()) return std::nullopt;
    if (length < 2) return damaged_codestream("a segment without length at " + std::to_string(at));
    const ByteSpan content = reader.bytes(length - 2);
    if (reader.failed()) return std::nullopt;
    Status status = marker == J2kMarker::tile_part_lengths     ? add_part_lengths(at + 4, content)
                    : marker == J2kMarker::packed_headers_main ? add_packed_headers(at + 4, content)
                                                               : read_segment(marker, content);
    if (!status) return pass_on(status);
  }
}

}  // namespace

Rect J2kHeader::tile_rect(std::int64_t index) const {
  const std::int64_t columns = tiles_across();
  return intersect({tile.x + index % columns * tile.width, tile.y + index / columns * tile.height,
                    tile.width, tile.height},
                   canvas);
}

Rect J2kHeader::tiles_around(const Rect& area) const {
  const std::int64_t left = (area.x - tile.x) / tile.width * tile.width + tile.x;
  const std::int64_t top = (area.y - tile.y) / tile.height * tile.height + tile.y;
  const std::int64_t right = ceil_div(area.right() - tile.x, tile.width) * tile.width + tile.x;
  const std::int64_t bottom = ceil_div(area.bottom() - tile.y, tile.height) * tile.height + tile.y;
  return intersect({left, top, right - left, bottom - top}, canvas);
}

bool J2kHeader::is_high_throughput() const {
  return std::any_of(coding.components.begin(), coding.components.end(), [](const auto& of) {
    return (of.block_style & J2kComponentCoding::kHighThroughput) != 0;
  });
}

Result<std::optional<J2kHeader>> parse_j2k_header(ByteSpan bytes) {
  return MainHeaderReader().read(bytes);
}

Result<J2kHeader> read_j2k_header(const File& file, std::uint64_t offset, std::uint64_t length) {
  ByteVector bytes;
  for (std::uint64_t wanted = kFirstRead;; wanted *= 8) {
    const std::uint64_t count = std::min({wanted, length, kMostHeaderBytes});
    const std::size_t before = bytes.size();
    bytes.resize(static_cast<std::size_t>(count));
    Status status = file.read_at(offset + before, std::span(bytes).subspan(before));
    if (!status) return pass_on(status);
    Result<std::optional<J2kHeader>> header = parse_j2k_header(bytes);
    if (!header) return pass_on(header);
    if (*header) return std::move(**header);
    if (count == length) return damaged_codestream("the header is cut short");
    if (count == kMostHeaderBytes) return damaged_codestream("the header is too long");
  }
}

}  // namespace iip

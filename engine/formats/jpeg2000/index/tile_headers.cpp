#include "engine/formats/jpeg2000/index/tile_headers.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "engine/base/big_endian.h"
#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/codestream/part_start.h"

namespace iip {

namespace {

// The most marker segments in the headers of all tile-parts of a tile.
constexpr int kMostSegments = 1 << 16;
constexpr int kBetweenChecks = 256;

// Reads the headers of the tile-parts of one tile, one after the other.
class TileHeaderReader {
 public:
  TileHeaderReader(const J2kTileHeaders& headers, const Deadline& deadline, J2kTile& tile)
      : headers_(headers), file_(headers.file), deadline_(deadline), tile_(tile) {
    tile_.coding = headers.coding;
  }

  Status read(const J2kTileParts::Part& part);

 private:
  Status read_segment(J2kMarker marker, const J2kSpan& content);
  Status read_coding(J2kMarker marker, const J2kSpan& content);
  Status add_packed_headers(const J2kSpan& content);
  void take_packed_headers(const J2kTileParts::Part& part);
  Status count_segment();

  const J2kTileHeaders& headers_;
  const File& file_;
  const Deadline& deadline_;
  J2kTile& tile_;
  std::shared_ptr<J2kCoding> own_coding_;
  std::optional<J2kSegments> segments_;
  std::map<std::uint8_t, J2kSpan> packed_headers_;  // of the tile-part, by number
  int segment_count_ = 0;
};

Status TileHeaderReader::count_segment() {
  if (segment_count_ >= kMostSegments) {
    return damaged_codestream("the headers of a tile have no end");
  }
  return segment_count_++ % kBetweenChecks == 0 ? deadline_.check() : Status{};
}

Status TileHeaderReader::read(const J2kTileParts::Part& part) {
  const std::uint64_t end = part.span.end();
  std::uint64_t at = part.span.offset + J2kPartStart::kBytes;
  tile_.plt.emplace_back();
  packed_headers_.clear();
  for (;;) {
    if (Status status = count_segment(); !status) return status;
    std::array<std::uint8_t, 4> bytes{};
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, bytes.size()));
    Status status = file_.read_at(at, std::span(bytes).first(count));
    if (!status) return status;
    BigEndianReader reader(ByteSpan(bytes).first(count));
    const auto marker = static_cast<J2kMarker>(reader.number(2));
    if (!reader.failed() && marker == J2kMarker::start_of_data) break;
    const std::uint64_t length = reader.number(2);
    if (reader.failed() || length < 2 || length + 2 > end - at) {
      return damaged_codestream("the header of a tile-part breaks off");
    }
    status = read_segment(marker, {at + 4, length - 2});
    if (!status) return status;
    at += 2 + length;
  }
  tile_.data.push_back({at + 2, end - (at + 2)});
  take_packed_headers(part);
  return {};
}

Status TileHeaderReader::read_segment(J2kMarker marker, const J2kSpan& content) {
  if (marker == J2kMarker::packet_lengths_tile) {
    tile_.plt.back().push_back(content);
    return {};
  }
  if (marker == J2kMarker::packed_headers_tile) return add_packed_headers(content);
  return J2kSegments::reads(marker) ? read_coding(marker, content) : Status{};
}

Status TileHeaderReader::read_coding(J2kMarker marker, const J2kSpan& content) {
  if (!own_coding_) {
    own_coding_ = std::make_shared<J2kCoding>(*headers_.coding);
    segments_.emplace(*own_coding_, headers_.header.components);
    tile_.coding = own_coding_;
    tile_.has_own_coding = true;
  }
  ByteVector bytes(static_cast<std::size_t>(content.length));
  Status status = file_.read_at(content.offset, bytes);
  return status ? segments_->read(marker, bytes) : status;
}

Status TileHeaderReader::add_packed_headers(const J2kSpan& content) {
  if (headers_.packed != nullptr) return damaged_codestream("both PPM and PPT");
  std::array<std::uint8_t, 1> number{};
  if (content.length < number.size()) return damaged_codestream("PPT without a number");
  if (Status status = file_.read_at(content.offset, number); !status) return status;
  const J2kSpan rest{content.offset + 1, content.length - 1};
  if (!packed_headers_.try_emplace(number[0], rest).second) {
    return damaged_codestream("two PPT of one number in a tile-part");
  }
  return {};
}

// Takes over the packed headers of the tile-part that was read last.
void TileHeaderReader::take_packed_headers(const J2kTileParts::Part& part) {
  if (headers_.packed != nullptr) {
    tile_.has_packed_headers = true;
    const std::span<const J2kSpan> pieces = headers_.packed->of_part(part.place);
    tile_.packed_headers.insert(tile_.packed_headers.end(), pieces.begin(), pieces.end());
  }
  for (const auto& [number, piece] : packed_headers_) {
    tile_.has_packed_headers = true;
    tile_.packed_headers.push_back(piece);
  }
}

// Checks where a tile-part begins that was not reached from the one before it.
Status check_start(const File& file, const J2kSpan& part, std::int64_t tile, std::size_t number) {
  const Result<J2kPartStart> start = read_j2k_part_start(file, part.offset, part.end());
  if (!start) return tl::unexpected(start.error());
  if (start->is_end || start->tile != static_cast<std::uint64_t>(tile) ||
      start->length != part.length || start->number != number) {
    return damaged_codestream("another tile-part than TLM says at " + std::to_string(part.offset));
  }
  return {};
}

}  // namespace

Result<J2kTile> read_tile_headers(const J2kTileHeaders& headers, std::int64_t number,
                                  const Deadline& deadline) {
  J2kTile tile;
  TileHeaderReader reader(headers, deadline, tile);
  const std::span<const J2kTileParts::Part> parts = headers.parts.of_tile(number);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Status status;
    if (headers.parts.is_by_lengths()) {
      status = check_start(headers.file, parts[i].span, number, i);
    }
    if (status) status = reader.read(parts[i]);
    if (!status) return pass_on(status);
  }
  if (Status status = check_j2k_coding(*tile.coding); !status) return pass_on(status);
  return tile;
}

}  // namespace iip

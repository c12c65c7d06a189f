#include "engine/source/j2k_tile_parts.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/source/big_endian.h"
#include "engine/source/j2k_part_lengths.h"
#include "engine/source/jpeg2000_errors.h"

namespace iip {

namespace {

constexpr std::uint64_t kStartBytes = 12;    // SOT
constexpr std::uint64_t kLeastPart = 14;     // SOT and SOD
constexpr std::size_t kMostParts = 1 << 20;  // of all tiles
constexpr int kMostSegments = 4096;          // in the header of a tile-part

struct PartStart {
  std::uint64_t tile = 0;
  std::uint64_t length = 0;
  std::uint64_t number = 0;  // among those of its tile
  bool is_end = false;
};

// `end`, or where the marker lies that ends the codestream.
Result<std::uint64_t> end_of_data(const File& file, std::uint64_t at, std::uint64_t end) {
  std::array<std::uint8_t, 2> last{};
  if (end - at < kLeastPart + last.size()) return end;
  Status status = file.read_at(end - last.size(), last);
  if (!status) return pass_on(status);
  const auto marker = static_cast<J2kMarker>(last[0] << 8U | last[1]);
  return marker == J2kMarker::end_of_codestream ? end - last.size() : end;
}

Result<PartStart> read_start(const File& file, std::uint64_t at, std::uint64_t end) {
  if (at == end) return PartStart{0, 0, 0, true};
  std::array<std::uint8_t, kStartBytes> bytes{};
  const std::size_t count = static_cast<std::size_t>(std::min(end - at, kStartBytes));
  Status status = file.read_at(at, std::span(bytes).first(count));
  if (!status) return pass_on(status);
  BigEndianReader reader(ByteSpan(bytes).first(count));
  const auto marker = static_cast<J2kMarker>(reader.number(2));
  if (marker == J2kMarker::end_of_codestream) return PartStart{0, 0, 0, true};
  const std::uint64_t segment = reader.number(2);
  PartStart start;
  start.tile = reader.number(2);
  start.length = reader.number(4);
  start.number = reader.number(1);
  // 0: all that is left.
  if (start.length == 0 && !reader.failed()) {
    const Result<std::uint64_t> data_end = end_of_data(file, at, end);
    if (!data_end) return tl::unexpected(data_end.error());
    start.length = *data_end - at;
  }
  if (reader.failed() || marker != J2kMarker::start_of_tile_part || segment != 10 ||
      start.length < kLeastPart || start.length > end - at) {
    return damaged_codestream("no tile-part at " + std::to_string(at));
  }
  return start;
}

// Reads the segments of one tile-part up to SOD; gives where the data begin.
class PartHeaderReader {
 public:
  // Where PLT has its content goes to `packet_lengths`.
  PartHeaderReader(const File& file, J2kSegments& segments, std::vector<J2kSpan>& packet_lengths)
      : file_(file), segments_(segments), packet_lengths_(packet_lengths) {}

  Result<std::uint64_t> read(const J2kSpan& part) {
    std::uint64_t at = part.offset + kStartBytes;
    for (int i = 0; i < kMostSegments; ++i) {
      std::array<std::uint8_t, 4> bytes{};
      const std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>(part.end() - at, 4));
      Status status = file_.read_at(at, std::span(bytes).first(count));
      if (!status) return pass_on(status);
      BigEndianReader reader(ByteSpan(bytes).first(count));
      const auto marker = static_cast<J2kMarker>(reader.number(2));
      if (!reader.failed() && marker == J2kMarker::start_of_data) return at + 2;
      const std::uint64_t length = reader.number(2);
      if (reader.failed() || length < 2 || length + 2 > part.end() - at) {
        return damaged_codestream("the header of a tile-part breaks off");
      }
      status = read_segment(marker, at + 4, length - 2);
      if (!status) return pass_on(status);
      at += 2 + length;
    }
    return damaged_codestream("the header of a tile-part has no end");
  }

 private:
  Status read_segment(J2kMarker marker, std::uint64_t at, std::uint64_t length) {
    if (marker == J2kMarker::packed_headers_tile) {
      return unsupported_codestream("packed packet headers");
    }
    if (marker == J2kMarker::comment) return {};
    if (marker == J2kMarker::packet_lengths_tile) {
      packet_lengths_.push_back({at, length});
      return {};
    }
    ByteVector content(static_cast<std::size_t>(length));
    Status status = file_.read_at(at, content);
    if (!status) return status;
    return segments_.read(marker, content);
  }

  const File& file_;
  J2kSegments& segments_;
  std::vector<J2kSpan>& packet_lengths_;
};

// Of a tile-part that was not come to from the one before it.
Status check_start(const File& file, const J2kSpan& part, std::int64_t tile, std::size_t number) {
  const Result<PartStart> start = read_start(file, part.offset, part.end());
  if (!start) return tl::unexpected(start.error());
  if (start->is_end || start->tile != static_cast<std::uint64_t>(tile) ||
      start->length != part.length || start->number != number) {
    return damaged_codestream("another tile-part than TLM says at " + std::to_string(part.offset));
  }
  return {};
}

}  // namespace

// As they are read, and as they are kept.
Status J2kTileParts::reserve(std::size_t parts, const J2kHeader& header, MemoryBudget& budget) {
  const auto tiles = static_cast<std::uint64_t>(header.tiles());
  if (memory_.bytes() == 0) {
    Result<Reservation> memory = budget.reserve((tiles + 1) * sizeof(std::uint32_t));
    if (!memory) return pass_on(memory);
    memory_ = std::move(*memory);
  }
  return budget.grow(memory_, parts * (sizeof(Part) + sizeof(J2kSpan)));
}

Status J2kTileParts::sort(std::vector<Part> parts, const J2kHeader& header) {
  const auto tiles = static_cast<std::size_t>(header.tiles());
  first_.resize(tiles + 1);
  for (const Part& part : parts) ++first_[part.tile + 1];
  for (std::size_t i = 0; i < tiles; ++i) {
    if (first_[i + 1] == 0) return damaged_codestream("tile " + std::to_string(i) + " is missing");
    first_[i + 1] += first_[i];
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.tile < b.tile; });
  spans_.reserve(parts.size());
  for (const Part& part : parts) spans_.push_back(part.span);
  return {};
}

Status J2kTileParts::read_chain(const File& file, const J2kCodestream& codestream,
                                const J2kHeader& header, MemoryBudget& budget,
                                const Deadline& deadline) {
  constexpr std::size_t kAtOnce = 4096;
  const auto tiles = static_cast<std::uint64_t>(header.tiles());
  std::vector<Part> parts;
  const std::uint64_t end = codestream.offset + codestream.length;
  std::uint64_t at = codestream.offset + header.length;
  for (;;) {
    if (parts.size() % kAtOnce == 0) {
      if (auto in_time = deadline.check(); !in_time) return in_time;
      if (Status room = reserve(kAtOnce, header, budget); !room) return room;
      parts.reserve(parts.size() + kAtOnce);
    }
    const Result<PartStart> start = read_start(file, at, end);
    if (!start) return tl::unexpected(start.error());
    if (start->is_end) break;
    if (start->tile >= tiles) return damaged_codestream("a tile-part of no tile");
    if (parts.size() >= kMostParts) return damaged_codestream("too many tile-parts");
    parts.push_back({{at, start->length}, static_cast<std::uint32_t>(start->tile)});
    at += start->length;
  }
  return sort(std::move(parts), header);
}

// They must lead from the main header to the end of the codestream.
Status J2kTileParts::read_lengths(const File& file, const J2kCodestream& codestream,
                                  const J2kHeader& header, MemoryBudget& budget) {
  const auto stated = read_part_lengths(file, codestream, header, budget);
  if (!stated) return tl::unexpected(stated.error());
  if (Status room = reserve(stated->parts.size(), header, budget); !room) return room;
  const auto tiles = static_cast<std::uint64_t>(header.tiles());
  std::vector<Part> parts;
  parts.reserve(stated->parts.size());
  const std::uint64_t end = codestream.offset + codestream.length;
  std::uint64_t at = codestream.offset + header.length;
  for (const J2kPartLength& part : stated->parts) {
    if (part.tile >= tiles) return damaged_codestream("TLM with a tile-part of no tile");
    if (part.length < kLeastPart || part.length > end - at) {
      return damaged_codestream("TLM with a tile-part that leaves the codestream");
    }
    parts.push_back({{at, part.length}, part.tile});
    at += part.length;
  }
  const Result<PartStart> behind = read_start(file, at, end);
  if (!behind) return tl::unexpected(behind.error());
  if (!behind->is_end) return damaged_codestream("TLM that leaves tile-parts out");
  return sort(std::move(parts), header);
}

Result<std::shared_ptr<const J2kTileParts>> J2kTileParts::find(const File& file,
                                                               const J2kCodestream& codestream,
                                                               const J2kHeader& header,
                                                               MemoryBudget& budget,
                                                               const Deadline& deadline) {
  auto parts = std::make_shared<J2kTileParts>();
  Status status = parts->read_chain(file, codestream, header, budget, deadline);
  if (!status) return pass_on(status);
  parts->memory_.outlive_budget();
  return parts;
}

Result<std::shared_ptr<const J2kTileParts>> J2kTileParts::find_by_lengths(
    const File& file, const J2kCodestream& codestream, const J2kHeader& header,
    MemoryBudget& budget) {
  auto parts = std::make_shared<J2kTileParts>();
  Status status = parts->read_lengths(file, codestream, header, budget);
  if (!status) return pass_on(status);
  parts->is_by_lengths_ = true;
  parts->memory_.outlive_budget();
  return parts;
}

std::span<const J2kSpan> J2kTileParts::of_tile(std::int64_t tile) const {
  const auto at = static_cast<std::size_t>(tile);
  return std::span(spans_).subspan(first_[at], first_[at + 1] - first_[at]);
}

Result<J2kTile> read_tile_headers(const File& file, const J2kHeader& header,
                                  const J2kTileParts& parts, std::int64_t number) {
  J2kTile tile;
  tile.coding = header.coding;
  J2kSegments segments(tile.coding, header.components);
  const std::span<const J2kSpan> spans = parts.of_tile(number);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (parts.is_by_lengths()) {
      if (Status status = check_start(file, spans[i], number, i); !status) return pass_on(status);
    }
    tile.packet_lengths.emplace_back();
    const Result<std::uint64_t> start =
        PartHeaderReader(file, segments, tile.packet_lengths.back()).read(spans[i]);
    if (!start) return tl::unexpected(start.error());
    tile.data.push_back({*start, spans[i].end() - *start});
  }
  if (Status status = check_j2k_coding(tile.coding); !status) return pass_on(status);
  return tile;
}

}  // namespace iip

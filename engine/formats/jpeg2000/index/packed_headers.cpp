#include "engine/formats/jpeg2000/index/packed_headers.h"

#include <algorithm>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/index/packets.h"

namespace iip {

namespace {

constexpr std::uint64_t kLengthBytes = 4;  // Nppm

tl::unexpected<Error> breaks_off() { return damaged_codestream("PPM that breaks off"); }

Result<std::uint64_t> read_length(J2kTileBytes& bytes) {
  std::uint64_t length = 0;
  for (std::uint64_t i = 0; i < kLengthBytes; ++i) {
    if (!bytes.has_more()) return breaks_off();
    const Result<std::uint8_t> byte = bytes.next();
    if (!byte) return tl::unexpected(byte.error());
    length = length << 8U | *byte;
  }
  return length;
}

}  // namespace

Status J2kPackedHeaders::read(const File& file, const std::vector<J2kSpan>& segments,
                              std::size_t parts, const Deadline& deadline) {
  constexpr std::size_t kBetweenChecks = 4096;
  J2kTileBytes bytes(file, segments);
  while (bytes.has_more() && ends_.size() < parts) {
    if (ends_.size() % kBetweenChecks == 0) {
      if (auto in_time = deadline.check(); !in_time) return in_time;
    }
    const Result<std::uint64_t> length = read_length(bytes);
    if (!length) return tl::unexpected(length.error());
    for (std::uint64_t left = *length; left > 0;) {
      if (!bytes.has_more()) return breaks_off();
      const std::uint64_t taken = std::min(left, bytes.left_in_part());
      pieces_.push_back({bytes.position(), taken});
      if (Status status = bytes.skip(taken); !status) return status;
      left -= taken;
    }
    ends_.push_back(static_cast<std::uint32_t>(pieces_.size()));
  }
  return {};
}

Result<std::shared_ptr<const J2kPackedHeaders>> J2kPackedHeaders::find(
    const File& file, const J2kCodestream& codestream, const J2kHeader& header, std::size_t parts,
    MemoryBudget& budget, const Deadline& deadline) {
  std::vector<J2kSpan> segments;
  std::uint64_t stored = 0;
  for (const J2kSpan& segment : header.packed_headers) {
    segments.push_back({codestream.offset + segment.offset, segment.length});
    stored += segment.length;
  }
  const std::uint64_t entries = std::min<std::uint64_t>(parts, stored / kLengthBytes);
  // Each has a piece at most, and one more for each segment that it goes on in.
  const std::uint64_t pieces = entries + segments.size();
  Result<Reservation> memory = budget.reserve(
      sizeof(J2kPackedHeaders) + entries * sizeof(std::uint32_t) + pieces * sizeof(J2kSpan));
  if (!memory) return pass_on(memory);
  auto packed = std::make_shared<J2kPackedHeaders>();
  packed->memory_ = std::move(*memory);
  packed->ends_.reserve(static_cast<std::size_t>(entries));
  packed->pieces_.reserve(static_cast<std::size_t>(pieces));
  Status status = packed->read(file, segments, parts, deadline);
  if (!status) return pass_on(status);
  packed->memory_.outlive_budget();
  return packed;
}

std::span<const J2kSpan> J2kPackedHeaders::of_part(std::size_t place) const {
  if (place >= ends_.size()) return {};
  const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
  return std::span(pieces_).subspan(begin, ends_[place] - begin);
}

}  // namespace iip

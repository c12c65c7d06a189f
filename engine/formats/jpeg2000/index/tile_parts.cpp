#include "engine/formats/jpeg2000/index/tile_parts.h"

#include <algorithm>
#include <string>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/codestream/part_start.h"
#include "engine/formats/jpeg2000/index/tlm.h"

namespace iip {

namespace {

constexpr std::size_t kMostParts = 1 << 20;  // all tiles together

}  // namespace

// A vector that grows is there twice for a while: so it at least doubles.
Status J2kTileParts::reserve(std::size_t parts, const J2kHeader& header, MemoryBudget& budget) {
  if (memory_.bytes() == 0) {
    const auto tiles = static_cast<std::uint64_t>(header.tiles());
    Result<Reservation> memory =
        budget.reserve(sizeof(J2kTileParts) + (tiles + 1) * sizeof(std::uint32_t));
    if (!memory) return pass_on(memory);
    memory_ = std::move(*memory);
  }
  if (parts_.capacity() - parts_.size() >= parts) return {};
  const std::size_t more = std::max(parts, parts_.size());
  const Result<Reservation> old = budget.reserve(parts_.capacity() * sizeof(Part));
  if (!old) return tl::unexpected(old.error());
  if (Status room = budget.grow(memory_, more * sizeof(Part)); !room) return room;
  parts_.reserve(parts_.size() + more);
  return {};
}

void J2kTileParts::add(const J2kSpan& span, std::uint64_t tile) {
  parts_.push_back(
      {span, static_cast<std::uint32_t>(tile), static_cast<std::uint32_t>(parts_.size())});
}

Status J2kTileParts::sort(const J2kHeader& header) {
  const auto tiles = static_cast<std::size_t>(header.tiles());
  first_.resize(tiles + 1);
  for (const Part& part : parts_) ++first_[part.tile + 1];
  for (std::size_t i = 0; i < tiles; ++i) {
    if (first_[i + 1] == 0) return damaged_codestream("tile " + std::to_string(i) + " is missing");
    first_[i + 1] += first_[i];
  }
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
    return a.tile != b.tile ? a.tile < b.tile : a.place < b.place;
  });
  return {};
}

// Gives back the room that was not needed.
Status J2kTileParts::settle(MemoryBudget& budget) {
  Result<Reservation> memory = budget.reserve(
      sizeof(J2kTileParts) + first_.size() * sizeof(std::uint32_t) + parts_.size() * sizeof(Part));
  if (!memory) return pass_on(memory);
  parts_.shrink_to_fit();
  memory_ = std::move(*memory);
  memory_.outlive_budget();
  return {};
}

Status J2kTileParts::read_chain(const File& file, const J2kCodestream& codestream,
                                const J2kHeader& header, MemoryBudget& budget,
                                const Deadline& deadline) {
  constexpr std::size_t kAtOnce = 4096;
  const auto tiles = static_cast<std::uint64_t>(header.tiles());
  const std::uint64_t end = codestream.offset + codestream.length;
  std::uint64_t at = codestream.offset + header.length;
  for (;;) {
    if (parts_.size() % kAtOnce == 0) {
      if (auto in_time = deadline.check(); !in_time) return in_time;
      if (Status room = reserve(kAtOnce, header, budget); !room) return room;
    }
    const Result<J2kPartStart> start = read_j2k_part_start(file, at, end);
    if (!start) return tl::unexpected(start.error());
    if (start->is_end) break;
    if (start->tile >= tiles) return damaged_codestream("a tile-part of no tile");
    if (parts_.size() >= kMostParts) return damaged_codestream("too many tile-parts");
    add({at, start->length}, start->tile);
    at += start->length;
  }
  return sort(header);
}

// The lengths must lead from the main header to the end of the codestream.
Status J2kTileParts::read_lengths(const File& file, const J2kCodestream& codestream,
                                  const J2kHeader& header, MemoryBudget& budget) {
  const auto stated = read_tlm(file, codestream, header, budget);
  if (!stated) return tl::unexpected(stated.error());
  if (Status room = reserve(stated->parts.size(), header, budget); !room) return room;
  const auto tiles = static_cast<std::uint64_t>(header.tiles());
  const std::uint64_t end = codestream.offset + codestream.length;
  std::uint64_t at = codestream.offset + header.length;
  for (const TlmTilePart& part : stated->parts) {
    if (part.tile >= tiles) return damaged_codestream("TLM with a tile-part of no tile");
    if (part.length < J2kPartStart::kLeastPart || part.length > end - at) {
      return damaged_codestream("TLM with a tile-part that leaves the codestream");
    }
    add({at, part.length}, part.tile);
    at += part.length;
  }
  const Result<J2kPartStart> behind = read_j2k_part_start(file, at, end);
  if (!behind) return tl::unexpected(behind.error());
  if (!behind->is_end) return damaged_codestream("TLM that leaves tile-parts out");
  return sort(header);
}

Result<std::shared_ptr<const J2kTileParts>> J2kTileParts::find(const File& file,
                                                               const J2kCodestream& codestream,
                                                               const J2kHeader& header,
                                                               MemoryBudget& budget,
                                                               const Deadline& deadline) {
  auto parts = std::make_shared<J2kTileParts>();
  Status status = parts->read_chain(file, codestream, header, budget, deadline);
  if (status) status = parts->settle(budget);
  if (!status) return pass_on(status);
  return parts;
}

Result<std::shared_ptr<const J2kTileParts>> J2kTileParts::find_by_lengths(
    const File& file, const J2kCodestream& codestream, const J2kHeader& header,
    MemoryBudget& budget) {
  auto parts = std::make_shared<J2kTileParts>();
  Status status = parts->read_lengths(file, codestream, header, budget);
  if (status) status = parts->settle(budget);
  if (!status) return pass_on(status);
  parts->is_by_lengths_ = true;
  return parts;
}

std::span<const J2kTileParts::Part> J2kTileParts::of_tile(std::int64_t tile) const {
  const auto at = static_cast<std::size_t>(tile);
  return std::span(parts_).subspan(first_[at], first_[at + 1] - first_[at]);
}

}  // namespace iip

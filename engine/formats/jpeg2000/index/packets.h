// Reads the headers of packets (ISO/IEC 15444-1 B.10): which code-blocks a packet brings passes of,
// how many, and in how many bytes. Readers are for one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/index/tag_tree.h"

namespace iip {

// The data of a tile, byte after byte across its tile-parts. Reads the file in small windows: only
// headers are looked at, and what lies between them is skipped.
class J2kTileBytes {
 public:
  // Packets do not go on from one tile-part to the next; packed headers may do so from one segment
  // to the next.
  enum class Kind : std::uint8_t { packets, packed_headers };

  // The file and the parts must outlive the object.
  J2kTileBytes(const File& file, const std::vector<J2kSpan>& parts, Kind kind = Kind::packets)
      : file_(file), parts_(parts), goes_on_(kind == Kind::packed_headers) {}

  // Where the next byte lies in the file.
  std::uint64_t position() const { return position_; }
  // Goes on to the next tile-part where this one has ended; false where there is none.
  bool has_more();
  // Bytes left in this tile-part. has_more() was called before.
  std::uint64_t left_in_part() const { return parts_[part_].end() - position_; }
  // The byte `ahead` bytes on, in this tile-part; nullopt behind its end.
  Result<std::optional<std::uint8_t>> peek(std::uint64_t ahead);
  // Errors: corrupt behind the end of the tile-part.
  Result<std::uint8_t> next();
  Status skip(std::uint64_t count);

 private:
  Status fill(std::uint64_t at);
  Result<std::optional<std::uint8_t>> peek_behind(std::uint64_t ahead) const;

  const File& file_;
  const std::vector<J2kSpan>& parts_;
  const bool goes_on_;
  std::size_t part_ = 0;
  bool is_started_ = false;
  std::uint64_t position_ = 0;
  ByteVector window_;
  std::uint64_t window_at_ = 0;
};

// Bits of a packet header: a byte behind 0xFF brings seven.
class J2kHeaderBits {
 public:
  explicit J2kHeaderBits(J2kTileBytes& bytes) : bytes_(bytes) {}

  // Bits behind the end read as 0 and are told by status().
  unsigned bit();
  std::uint32_t bits(int count);
  // To the next whole byte, where the body or EPH begins.
  void finish();
  const Status& status() const { return status_; }

 private:
  void load();

  J2kTileBytes& bytes_;
  Status status_;
  unsigned byte_ = 0;
  int left_ = 0;
};

// A quad tree that tells the values of its leaves piece by piece (B.10.2).
class J2kTagTree {
 public:
  J2kTagTree() = default;
  J2kTagTree(std::int64_t width, std::int64_t height) : nodes_(width, height) {}

  // Is the value of the leaf below `threshold`? Reads as many bits as that takes.
  bool is_below(J2kHeaderBits& bits, std::int64_t x, std::int64_t y, std::uint16_t threshold);

 private:
  struct Node {
    std::uint16_t value = UINT16_MAX;
    std::uint16_t low = 0;
  };
  J2kTagNodes<Node> nodes_;
};

// How the passes of a code-block are cut into segments that end on whole bytes.
class J2kSegmentRule {
 public:
  // The most passes that a code-block has: one segment has all of them where nothing cuts.
  static constexpr int kPassesOfOneSegment = 109;

  explicit J2kSegmentRule(std::uint8_t block_style) : style_(block_style) {}

  // How many of the passes that follow `passes` belong to the same segment, at most `wanted`.
  int take(int passes, int wanted) const;
  // Are there segments at all, other than one of all passes?
  bool cuts() const;

 private:
  std::uint8_t style_;
};

// The number of new passes of a code-block (table B.4).
int read_pass_count(J2kHeaderBits& bits);

}  // namespace iip

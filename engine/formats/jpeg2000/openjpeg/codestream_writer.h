// Writes the headers of a small JPEG 2000 codestream, and of its packets. Writers are for one
// thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/index/tag_tree.h"

namespace iip {

// Bits with the stuffing of packet headers: a byte behind 0xFF takes seven.
class J2kBitWriter {
 public:
  explicit J2kBitWriter(ByteVector& out) : out_(out) {}

  void bit(unsigned value);
  void bits(std::uint32_t value, int count);
  // Ends on a whole byte that is not 0xFF.
  void finish();

 private:
  ByteVector& out_;
  unsigned byte_ = 0;
  int left_ = 8;
};

// The counterpart of J2kTagTree: the values of all leaves are set first, then each is coded.
class J2kTagTreeWriter {
 public:
  J2kTagTreeWriter(std::int64_t width, std::int64_t height) : nodes_(width, height) {}

  // Leaves that are not set have the largest value.
  void set(std::int64_t x, std::int64_t y, std::uint16_t value);
  // Tells whether the leaf is below `threshold`, and its value if it is.
  void write(J2kBitWriter& bits, std::int64_t x, std::int64_t y, std::uint16_t threshold);

 private:
  struct Node {
    std::uint16_t value = UINT16_MAX;
    std::uint16_t low = 0;
    bool is_known = false;
  };
  J2kTagNodes<Node> nodes_;
};

void write_pass_count(J2kBitWriter& bits, int passes);

// From SOC to SOD of a codestream of one tile in one part, LRCP, one layer. Gives where Psot is, to
// be set by set_tile_part_length() when all packets are there.
std::size_t write_j2k_headers(ByteVector& out, const J2kHeader& header);
void set_tile_part_length(ByteVector& out, std::size_t length_at);

}  // namespace iip

// The lengths of a tile's packets as the headers of its tile-parts state them (PLT, ISO/IEC 15444-1
// A.7.3), one after the other.
//
// They are a claim. Here they must fill the data of each tile-part exactly; whether there is a
// packet of that length at each place shows when it is read. The main header's list of them (PLM)
// is passed over: what is known to write lengths at all writes PLT. For one thread at a time.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/index/tile_headers.h"

namespace iip {

class PltPacketLengths {
 public:
  // The file and the tile must outlive the object.
  PltPacketLengths(const File& file, const J2kTile& tile) : file_(file), tile_(tile) {}

  // Does the tile state all its packets' lengths?
  static bool are_in(const J2kTile& tile);

  // Where the next packet lies. Errors: unsupported, where the lengths do not fit; those of the
  // file.
  Result<J2kSpan> next();
  // To be called behind the last packet: there must not be more lengths.
  Status finish();

 private:
  bool is_at_end() const { return at_ == segment_.size(); }
  // To the next tile-part or segment that has lengths; false where there is none.
  Result<bool> go_on();
  Status open_segment(const J2kSpan& place);

  const File& file_;
  const J2kTile& tile_;
  std::size_t part_ = 0;
  std::size_t segments_read_ = 0;  // how many of those of the part
  ByteVector segment_;
  std::size_t at_ = 0;          // in the segment
  std::uint64_t position_ = 0;  // in the part's data
};

}  // namespace iip

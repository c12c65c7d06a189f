// Where the tile-parts of a JPEG 2000 codestream lie, and what the header of a tile states.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/deadline.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/source/j2k_header.h"

namespace iip {

// The codestream within its file.
struct J2kCodestream {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Bytes of the file, counted from its beginning.
struct J2kSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t end() const { return offset + length; }
};

// The tile-parts of each tile, from SOT to their end, in the order of the file. Errors: corrupt for
// a chain that breaks or leaves a tile out.
Result<std::vector<std::vector<J2kSpan>>> find_tile_parts(const File& file,
                                                          const J2kCodestream& codestream,
                                                          const J2kHeader& header,
                                                          const Deadline& deadline);

struct J2kTile {
  J2kCoding coding;
  std::vector<J2kSpan> data;  // what follows SOD, of each tile-part
};

// Errors: corrupt, and unsupported for packet headers that are packed elsewhere (PPT).
Result<J2kTile> read_tile_headers(const File& file, const J2kHeader& header,
                                  const std::vector<J2kSpan>& parts);

}  // namespace iip

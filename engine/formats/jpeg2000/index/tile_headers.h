// What the headers of a tile's tile-parts state. Value types; the functions keep nothing and are
// for any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/deadline.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/index/packed_headers.h"
#include "engine/formats/jpeg2000/index/tile_parts.h"

namespace iip {

struct J2kTile {
  // The coding of the main header itself, unless the tile states anything of its own.
  std::shared_ptr<const J2kCoding> coding;
  bool has_own_coding = false;
  std::vector<J2kSpan> data;  // what follows SOD, of each tile-part
  // The contents of each tile-part's PLT segments, which state the lengths of the packets.
  std::vector<std::vector<J2kSpan>> plt;
  // The headers of its packets, where they are not in front of their bodies (PPM, PPT): pieces that
  // belong together in this order.
  bool has_packed_headers = false;
  std::vector<J2kSpan> packed_headers;
};

// What reading the headers of any tile of a file takes.
struct J2kTileHeaders {
  const File& file;
  const J2kHeader& header;
  const std::shared_ptr<const J2kCoding>& coding;  // the header's
  const J2kTileParts& parts;
  const J2kPackedHeaders* packed;  // null: the main header has none
};

// Errors: corrupt, also where a tile-part does not begin as `parts` say; unsupported; those of the
// file and the deadline.
Result<J2kTile> read_tile_headers(const J2kTileHeaders& headers, std::int64_t tile,
                                  const Deadline& deadline);

}  // namespace iip

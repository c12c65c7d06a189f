// The main header of a JPEG 2000 codestream (ISO/IEC 15444-1 annex A; 15444-15 for HTJ2K), read
// and checked before a decoder is entered: what a decode can cost follows from it.
//
// Coordinates are those of the reference grid. A component has a sample at each multiple of its
// dx and dy; a resolution reduced k times has the coordinates divided by 2^k, rounded up.
// Errors: corrupt for what the standard forbids, unsupported for what it allows and this version
// does not serve, too_large for what is over the limits.
//
// Read in this order: boxes.h (the file around a codestream), geometry.h (the reference grid),
// coding.h and quantisation.h (what the marker segments say), this header, limits.h (what is
// served), picture.h (the samples of a part), part_start.h (where a tile-part begins), errors.h.
// Value types; the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/coding.h"
#include "engine/image/geometry.h"

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

struct J2kHeader {
  Rect canvas;                     // of the image on the reference grid
  Rect tile;                       // the first tile, not cut
  std::uint16_t capabilities = 0;  // Rsiz
  std::vector<J2kComponent> components;
  J2kCoding coding;
  // Contents of PPM behind their numbers, in the order of these, counted from the codestream's
  // beginning.
  std::vector<J2kSpan> packed_headers;
  ByteVector extended_capabilities;  // content of CAP, empty where there is none
  // Contents of TLM, which states the lengths of the tile-parts, counted from the codestream's
  // beginning.
  std::vector<J2kSpan> tlm;
  std::uint64_t length = 0;  // of the header, up to the first SOT

  std::int64_t tiles_across() const { return ceil_div(canvas.right() - tile.x, tile.width); }
  std::int64_t tiles_down() const { return ceil_div(canvas.bottom() - tile.y, tile.height); }
  std::int64_t tiles() const { return tiles_across() * tiles_down(); }
  // Tile `index`, row by row, cut to the image.
  Rect tile_rect(std::int64_t index) const;
  // The tiles that `area` touches, together.
  Rect tiles_around(const Rect& area) const;
  int levels() const { return coding.levels(); }
  // Is any component coded with the block coder of HTJ2K?
  bool is_high_throughput() const;
};

// `bytes` begins with the codestream; nullopt where the header goes on behind them.
Result<std::optional<J2kHeader>> parse_j2k_header(ByteSpan bytes);

Result<J2kHeader> read_j2k_header(const File& file, std::uint64_t offset, std::uint64_t length);

}  // namespace iip

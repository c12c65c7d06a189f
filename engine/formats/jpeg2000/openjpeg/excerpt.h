// An excerpt: a small codestream in memory that holds what a part of one tile at one resolution
// needs, and decodes to the same samples.
//
// It has one tile, one layer and one precinct for each resolution where the blocks allow that. The
// canvas is cut on boundaries that are those of code-blocks in all bands, and moved towards 0,0 by
// a distance that keeps them there; resolutions that are not asked for are left out; of the
// code-blocks only those that the wavelets need for the part are in it. A value type; the functions
// keep nothing and are for any thread.
#pragma once

#include <cstdint>

#include "engine/base/budget.h"
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/index/tile_index.h"
#include "engine/source/source.h"

namespace iip {

struct J2kExcerpt {
  ByteVector codestream;
  Reservation memory;  // of the codestream, in the budget of the request
  J2kHeader header;    // of `codestream`, as far as its geometry goes
  Rect area;           // what was asked for, on the excerpt's reference grid
  // How far the canvas was moved towards 0,0, on the reduced reference grid: a multiple of each dx
  // and dy.
  std::int64_t moved_x = 0;
  std::int64_t moved_y = 0;
};

// `area` lies within the tile, both on the reference grid reduced `reduce` times. Errors:
// unsupported where code-blocks take more than `most_bytes`; those of J2kBlockFinder, of the file
// and of the budget.
Result<J2kExcerpt> make_j2k_excerpt(const ReadContext& context, const J2kHeader& header,
                                    const J2kTileIndex& tile, const Rect& area, int reduce,
                                    std::uint64_t most_bytes);

}  // namespace iip

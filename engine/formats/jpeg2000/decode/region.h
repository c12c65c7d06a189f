// Decodes a part of one tile of a JPEG 2000 file from its code-blocks: those that J2kBlockReader
// has, the inverse wavelets over what the part depends on, and the component transform. The samples
// are those of OpenJPEG.
//
// Read in this order: mq_decoder.h and contexts.h (the arithmetic decoder and its contexts),
// block_decoder.h (the passes of a code-block), pass_truncation.h (how many of them are needed),
// block_store.h (decoded code-blocks that are kept), vectors.h and wavelet.h, then this header. The
// function keeps nothing and is for any thread; a request is a view of what its caller has.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/formats/jpeg2000/codestream/picture.h"
#include "engine/formats/jpeg2000/decode/pass_truncation.h"
#include "engine/formats/jpeg2000/index/tile_index.h"
#include "engine/source/source.h"

namespace iip {

// Can tiles of this kind be decoded so? The others are for OpenJPEG: HTJ2K, above all.
bool has_decodable_blocks(const J2kHeader& header, const J2kCoding& coding);

struct J2kRegionRequest {
  int reduce = 0;
  Rect area;                    // on the reference grid reduced `reduce` times
  std::vector<bool> is_wanted;  // which components
  J2kTolerance tolerance;
};

// The area lies within the tile and `out`, whose grid is reduced alike, and not more often than any
// component was halved. Of components that are not wanted `out` gets no samples. Errors: corrupt;
// those of J2kBlockFinder, file, budget and deadline.
Status decode_j2k_region(const ReadContext& context, const J2kHeader& header,
                         const J2kTileIndex& tile, const J2kRegionRequest& request,
                         J2kPicture& out);

}  // namespace iip

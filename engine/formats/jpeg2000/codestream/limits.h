// What decoding a JPEG 2000 file can cost, told from its header alone.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

// Is this an image that can be served at all? Errors: too_large, unsupported, corrupt.
Status check_j2k_limits(const J2kHeader& header, std::uint64_t max_pixels, std::uint64_t length);

// An upper bound of the bytes that OpenJPEG sets up for all of a tile that is coded so, whichever
// part of it is asked for.
std::uint64_t estimate_j2k_tile(const J2kHeader& header, const J2kCoding& coding, const Rect& tile);

// An upper bound of the bytes that OpenJPEG takes to decode `area` (on the reference grid) at a
// resolution reduced `reduce` times out of a codestream of `length` bytes. `largest_tile`: the most
// that it sets up for one of the tiles that the area touches, as they come one after the other.
std::uint64_t estimate_j2k_decode(const J2kHeader& header, std::uint64_t largest_tile,
                                  const Rect& area, int reduce, std::uint64_t length);

}  // namespace iip

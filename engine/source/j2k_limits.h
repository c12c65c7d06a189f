// What decoding a JPEG 2000 file can cost, told from its header alone.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/source/j2k_header.h"

namespace iip {

// Is this an image that can be served at all? Errors: too_large, unsupported, corrupt.
Status check_j2k_limits(const J2kHeader& header, std::uint64_t max_pixels, std::uint64_t length);

// An upper bound of the bytes that OpenJPEG takes to decode `area` (on the reference grid) at a
// resolution reduced `reduce` times out of a codestream of `length` bytes.
std::uint64_t estimate_j2k_decode(const J2kHeader& header, const Rect& area, int reduce,
                                  std::uint64_t length);

}  // namespace iip

// How many scans a JPEG picture may have, and how many it has.
//
// Each scan goes through all blocks of the picture, or may, whatever it has to say of them: a few
// bytes each are enough to make a decoder work for minutes. So the scans are counted by their
// markers, which takes no longer than reading the file, before anything is decoded or allocated.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/source/byte_feed.h"

namespace iip {

// All components' blocks of 8x8 samples, as if none were subsampled.
std::uint64_t jpeg_blocks(const Size& size, int components);

// Why a picture of `blocks` blocks may not have `scans` scans, if so: too_large, or corrupt for
// more than any picture has.
std::optional<Error> too_many_jpeg_scans(std::uint64_t scans, std::uint64_t blocks);

// `feed` begins with the first byte behind the header of the first scan. It is read to the end of
// the picture, or until there are too many. Errors: those of too_many_jpeg_scans() and of the feed.
Status check_jpeg_scans(ByteFeed& feed, std::uint64_t blocks);

}  // namespace iip

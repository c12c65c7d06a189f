// The JPEG encoder: a raster becomes the bytes of a picture file.
//
// Errors: unsupported for a depth that the format lacks; too_large for a picture with more pixels
// than the format can hold; internal for a raster that the caller must not bring, or where the
// library gives up; those of the deadline. No library's exception, longjmp or callback leaves the
// file that calls it. Thread-safe, no state.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/encode/picture_extras.h"
#include "engine/image/raster.h"

namespace iip {

// Baseline JPEG, 4:2:0, `quality` 1 to 100. Grey or RGB, 8 bits, no alpha. The Huffman tables are
// the standard ones, or `optimise`d for the picture.
Result<Bytes> encode_jpeg(const Raster& raster, int quality, const PictureExtras& extras,
                          bool optimise = false, const Deadline& deadline = {});

}  // namespace iip

// The WebP encoder: a raster becomes the bytes of a picture file.
//
// Errors: unsupported for a depth that the format lacks; too_large for a picture with more pixels
// than the format can hold; internal for a raster that the caller must not bring, or where the
// library gives up; those of the deadline. No library's exception, longjmp or callback leaves the
// file that calls it. Thread-safe, no state.
//
// Read in this order: this header alone; the source is libwebp's calls, in their order.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/encode/picture_extras.h"
#include "engine/image/raster.h"

namespace iip {

// WebP, `quality` 0 to 100, or -1: lossless, under transparent parts too. 8 bits, grey (which
// becomes RGB) or RGB with or without alpha; at most 16383 pixels a side.
Result<Bytes> encode_webp(const Raster& raster, int quality, const PictureExtras& extras,
                          const Deadline& deadline = {});

}  // namespace iip

// The PNG encoder: a raster becomes the bytes of a picture file.
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

// PNG, 8 or 16 bits, grey or RGB with or without alpha, or 1 bit where there is nothing but black
// and white; `level` of zlib, 0 to 9.
Result<Bytes> encode_png(const Raster& raster, int level, const PictureExtras& extras,
                         const Deadline& deadline = {});

}  // namespace iip

// The AVIF encoder: a raster becomes the bytes of a picture file.
//
// Errors: unsupported for a codec that was not built in, or a depth that the format lacks;
// too_large for a picture with more pixels than the format can hold; internal for a raster that the
// caller must not bring, or where the library gives up; those of the deadline. No library's
// exception, longjmp or callback leaves the file that calls it. Thread-safe, no state.
//
// Read in this order: this header alone; the source is libavif's calls, in their order.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/encode/picture_extras.h"
#include "engine/image/raster.h"
#include "engine/model/output_format.h"

namespace iip {

// AVIF, `quality` 0 to 100, 4:2:0, or grey alone; -1: lossless, RGB as it is. 8 bits, grey or RGB
// with or without alpha. Where the codec can not make the picture, aom does: a lossless one
// with any other, one that is grey, or has a side that is odd or below 64, with svt.
Result<Bytes> encode_avif(const Raster& raster, int quality, AvifCodec codec,
                          const PictureExtras& extras);

}  // namespace iip

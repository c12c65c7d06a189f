// The TIFF encoder: a raster becomes the bytes of a picture file.
//
// Errors: unsupported for a codec that was not built in, or a depth that the format lacks;
// too_large for a picture with more pixels than the format can hold; internal for a raster that the
// caller must not bring, or where the library gives up; those of the deadline. No library's
// exception, longjmp or callback leaves the file that calls it. Thread-safe, no state.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/encode/picture_extras.h"
#include "engine/image/raster.h"
#include "engine/model/output_format.h"

namespace iip {

// TIFF, in strips, or tiles where the picture is large. 8 or 16 bits or float, grey or RGB with or
// without alpha and further channels. `quality` is that of the scheme, see Encoding. JPEG and WebP,
// which hold 8 bits, give way to deflate for what they can not hold: JPEG for alpha and further
// channels, WebP for those and for grey.
Result<Bytes> encode_tiff(const Raster& raster, TiffScheme scheme, int quality,
                          const PictureExtras& extras, const Deadline& deadline = {});

}  // namespace iip

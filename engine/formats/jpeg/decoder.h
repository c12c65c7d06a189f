// Decodes JPEG streams with libjpeg, whole or shrunk, into rasters. A value type; the functions
// keep nothing and are for any thread.
#pragma once

#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"
#include "engine/source/byte_feed.h"

namespace iip {

struct JpegDecoding {
  Size size;                // of the stream's picture
  int shrink = 1;           // 1, 2, 4 or 8: sides are divided by it, rounded up
  int components = 3;       // 1: grey; 3: what becomes RGB; 4: CMYK or YCCK
  bool is_inverted = true;  // CMYK: 255 is no ink, as Adobe has it
};

// Decodes the part `part` of the shrunk picture into `out`, a raster of its size and of grey or
// RGB. Rows behind the part are not asked for. CMYK becomes RGB as light through four inks:
// R = (255 - C) (255 - K) / 255 and so on, rounded. Errors: corrupt, busy, and those of the feed.
Status decode_jpeg(ByteFeed& feed, const JpegDecoding& how, const Rect& part, Raster& out,
                   const Deadline& deadline);

}  // namespace iip

// Reads pictures of PNG with libpng.
//
// Pixels come as grey or RGB of 8 or 16 bits, with alpha where the file has any: palettes are
// resolved, fewer than 8 bits scaled up, interlaced files put together.
//
// Source: PNG specification, third edition.
//
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"
#include "engine/source/byte_feed.h"

namespace iip {

struct PngFormat {
  Size size;
  PixelFormat format;
  int bits = 8;      // stored
  int channels = 3;  // stored: a palette image has 1
};

// `feed` gives a file from its beginning, without any chunks before the picture that do not decide
// how its pixels are read. Errors: corrupt, busy, those of the feed.
Result<PngFormat> read_png_format(ByteFeed& feed);

// The whole picture into `out`, which has its size and format.
Status read_png_pixels(ByteFeed& feed, const PngFormat& picture, Raster& out);

}  // namespace iip

// Reads PNG files with libpng: what they say about themselves, and their pixels.
//
// Pixels come as grey or RGB of 8 or 16 bits, with alpha where the file has any: palettes are
// resolved, fewer than 8 bits scaled up, interlaced files put together.
//
// Source: PNG specification, third edition.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "engine/image/image_info.h"
#include "engine/image/raster.h"
#include "engine/source/byte_feed.h"

namespace iip {

struct PngHeader {
  Size size;
  PixelFormat format;
  int bits = 8;      // stored
  int channels = 3;  // stored: a palette image has 1
  int orientation = 1;
  std::optional<Density> density;
  Metadata metadata;
  Bytes icc_profile;
};

// `feed` gives the file from its beginning. Texts and profiles of more than `most_metadata` bytes
// are left out. Errors: corrupt, busy, those of the feed.
Result<PngHeader> read_png_header(ByteFeed& feed, std::uint64_t most_metadata);

// The whole picture into `out`, which has the header's size and format.
Status read_png_pixels(ByteFeed& feed, const PngHeader& header, Raster& out);

}  // namespace iip

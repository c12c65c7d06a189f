// Encoders: a raster becomes the bytes of a picture file. Thread-safe, no state.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/output_format.h"
#include "engine/base/result.h"
#include "engine/image/image_info.h"
#include "engine/image/raster.h"

namespace iip {

// What goes into a picture besides its pixels; empty and absent parts are left out.
struct PictureExtras {
  Bytes icc_profile;
  Metadata metadata;
  std::optional<Density> density;  // of the picture as delivered
};

// Can a picture of the format be transparent? Else the raster must be opaque.
constexpr bool keeps_alpha(Format format) { return format != Format::jpeg; }

// encode.cpp: as the encoding says, by one of the following. Errors: unsupported for a format that
// is not there.
Result<Bytes> encode(const Raster& raster, const Encoding& encoding, const PictureExtras& extras);

// Baseline JPEG, 4:2:0, standard Huffman tables, `quality` 1 to 100. Grey or RGB, 8 bits, no alpha.
Result<Bytes> encode_jpeg(const Raster& raster, int quality, const PictureExtras& extras);

// PNG, 8 bits, grey or RGB with or without alpha; `level` of zlib, 0 to 9.
Result<Bytes> encode_png(const Raster& raster, int level, const PictureExtras& extras);

// splice.cpp: the bytes to put in place of a stored JPEG tile's SOI marker, so that it becomes a
// picture of its own: SOI, the profile (APP2) if any, the shared tables if any.
Bytes jpeg_splice_head(const Bytes& tables, const PictureExtras& extras);

}  // namespace iip

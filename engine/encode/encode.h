// Encoders: a raster becomes the bytes of a picture file. Thread-safe, no state.
//
// Errors: unsupported for a format, a codec of it, or a depth that is not there; too_large for a
// picture with more pixels than the format can hold or the budget has room for; internal for a
// raster that the caller should not have brought, or where the library gives up. No library's
// exception, longjmp or callback leaves the file that calls it. Those of the deadline.
#pragma once

#include "engine/base/allowance.h"
#include "engine/base/bytes.h"
#include "engine/base/output_format.h"
#include "engine/base/result.h"
#include "engine/image/image_info.h"
#include "engine/image/raster.h"

namespace iip {

// What goes into a picture besides its pixels; empty and absent parts are left out, as is what the
// format has no place for, or too small a place. Exif and XMP are changed to say that the picture
// stands upright.
struct PictureExtras {
  Bytes icc_profile;
  Metadata metadata;               // `software` names the one that makes the picture
  std::optional<Density> density;  // of the picture as delivered
};

// Can a picture of the format be transparent? Else the raster must be opaque.
constexpr bool keeps_alpha(Format format) { return format != Format::jpeg; }

// Is of four pixels of a picture in RGB, two by two, no more kept than the mean of their Cb and Cr?
constexpr bool halves_chroma(Format format) { return format == Format::jpeg; }

// encode.cpp: as the encoding says, by one of the following. What the encoder needs for its work
// and its output is counted in the budget while it runs, and the deadline is asked all the while;
// only AVIF, whose library can not be stopped, is one step.
Result<Bytes> encode(const Raster& raster, const Encoding& encoding, const PictureExtras& extras,
                     const Allowance& allowance);

// The most memory that encode() takes beside the raster, estimated.
std::uint64_t encoder_bytes(const Size& size, const PixelFormat& format, const Encoding& encoding);

// Baseline JPEG, 4:2:0, `quality` 1 to 100. Grey or RGB, 8 bits, no alpha. The Huffman tables are
// the standard ones, or `optimise`d for the picture.
Result<Bytes> encode_jpeg(const Raster& raster, int quality, const PictureExtras& extras,
                          bool optimise = false, const Deadline& deadline = {});

// PNG, 8 or 16 bits, grey or RGB with or without alpha, or 1 bit where there is nothing but black
// and white; `level` of zlib, 0 to 9.
Result<Bytes> encode_png(const Raster& raster, int level, const PictureExtras& extras,
                         const Deadline& deadline = {});

// WebP, `quality` 0 to 100, or -1: lossless, under transparent parts too. 8 bits, grey (which
// becomes RGB) or RGB with or without alpha; at most 16383 pixels a side.
Result<Bytes> encode_webp(const Raster& raster, int quality, const PictureExtras& extras,
                          const Deadline& deadline = {});

// AVIF, `quality` 0 to 100, 4:2:0, or grey alone; -1: lossless, RGB as it is. 8 bits, grey or RGB
// with or without alpha. Where the codec can not make the picture, aom does: a lossless one
// with any other, one that is grey, or has a side that is odd or below 64, with svt.
Result<Bytes> encode_avif(const Raster& raster, int quality, AvifCodec codec,
                          const PictureExtras& extras);

// TIFF, in strips, or tiles where the picture is large. 8 or 16 bits or float, grey or RGB with or
// without alpha and further channels. `quality` is that of the scheme, see Encoding. JPEG and WebP,
// which hold 8 bits, give way to deflate for what they can not hold: JPEG for alpha and further
// channels, WebP for those and for grey.
Result<Bytes> encode_tiff(const Raster& raster, TiffScheme scheme, int quality,
                          const PictureExtras& extras, const Deadline& deadline = {});

// splice.cpp: the bytes to put in place of a stored JPEG tile's SOI marker, so that it becomes a
// picture of its own: SOI, the profile (APP2) if any, the shared tables if any.
Bytes jpeg_splice_head(const Bytes& tables, const PictureExtras& extras);

}  // namespace iip

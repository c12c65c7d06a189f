// A PNG file up to its picture: what decides how the pixels are read, and what the file says of
// itself.
//
// The chunks are walked with small reads, and those of no use are passed over, so that libpng sees
// nothing of the file but the few that decide how the pixels are read. What is compressed is
// inflated as far as there is an allowance for it, in all.
//
// Source: PNG specification, third edition.
//
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/png/decoder.h"
#include "engine/image/image_info.h"
#include "engine/source/source.h"

namespace iip {

struct PngHeader {
  PngFormat picture;
  ByteVector head;  // the signature and the chunks IHDR, PLTE and tRNS, as in the file
  std::uint64_t data_offset = 0;  // of the first IDAT chunk
  int orientation = 1;            // as Exif counts: 1 to 8
  std::optional<Density> density;
  Metadata metadata;
  Bytes icc_profile;
};

// Texts and profiles over the limits, or damaged, are left out. Errors: corrupt, busy, those of the
// deadline.
Result<PngHeader> read_png_header(const OpenContext& context);

}  // namespace iip

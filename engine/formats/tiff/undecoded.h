// What a block of a TIFF shows where its codec writes nothing.
//
// libtiff takes it for success when the data of a block end early (CCITT), state fewer rows or
// columns than the block has (JBIG, JPEG, WebP), or do not fit in it (deflate), and leaves the rest
// of its output alone. That rest is then neutral: white of bilevel images, grey where the codes of
// grey are known, otherwise zeros.
#pragma once

#include <cstdint>
#include <span>

#include "engine/formats/tiff/image.h"

namespace iip {

// Writes to all of `block`, whole rows of one that will be decoded, what becomes neutral when the
// predictor is undone, in either byte order.
void fill_undecoded(const TiffImage& image, std::span<std::uint8_t> block);

}  // namespace iip

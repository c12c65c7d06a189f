// How deep the samples of a TIFF image are and of what type, and whether its colour space and codec
// know such samples.
#pragma once

#include "engine/base/result.h"
#include "engine/formats/tiff/image.h"
#include "engine/formats/tiff/structure/directory.h"

namespace iip {

// Sets `sample` and `predictor` of an image whose codec, colour space and channels are known.
// Errors: unsupported, with the reason.
Status read_tiff_depth(const TiffDirectory& directory, TiffImage& image);

}  // namespace iip

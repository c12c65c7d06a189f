// The tile grid that is announced to viewers, where a protocol lets the server choose one.
#pragma once

#include "engine/image/image_info.h"

namespace iip {

// For IIIF `tiles`: the image's own tiles if they are of a size that viewers cope with, else 256.
Size presented_tile(const ImageInfo& info);

// For DeepZoom and Zoomify, which know square tiles only: the image's own tile side if it is square
// and a power of two (IIPMooViewer computes level log2(side)), else 256.
std::int64_t presented_square_tile(const ImageInfo& info);

}  // namespace iip

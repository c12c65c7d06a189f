// The tile grid that is announced to viewers, where a protocol lets the server choose one.
#pragma once

#include <cstddef>

#include "engine/image/image_info.h"

namespace iip {

// For IIIF `tiles`: the image's own tiles if they are of a size that viewers cope with, else 256.
Size presented_tile(const ImageInfo& info);

// presented_tile() with neither side larger than `limit`, because the server must also serve the
// tiles that it tells a viewer of.
Size presented_tile_within(const ImageInfo& info, std::int64_t limit);

// For IIIF `sizes`: the size in which levels[level] is listed, and given where the whole image is
// asked for by its width or height. That of the level, except where the whole image fits one `tile`
// at its scale: viewers ask for that tile as for any other, and expect both sides rounded up, when
// the writer of the file may have rounded them down.
Size presented_size(const ImageInfo& info, std::size_t level, const Size& tile);

// For IIP, which counts tiles of the image's own grid and knows one tile size for all levels:
// levels[level] with the tile size that is stated for the image. That is the full level's, or
// presented_tile() where the image has no tiles.
Level native_level(const ImageInfo& info, std::size_t level);

// For DeepZoom and Zoomify, which know square tiles only: the image's own tile side if it is square
// and a power of two (IIPMooViewer computes level log2(side)), else 256.
std::int64_t presented_square_tile(const ImageInfo& info);

}  // namespace iip

// From a region of the full image to pixels of a stored level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/image/geometry.h"
#include "engine/image/image_info.h"

namespace iip {

// Where `region` of the full image lies in levels[level]. An edge within the image lies at its
// place divided by the level's scale; an edge at the image's border lies at the level's border,
// whichever way the level's size was rounded.
RectF map_to_level(const ImageInfo& info, std::size_t level, const Rect& region);

// The reverse, for whole pixels of a level; rounded to pixels of the full image.
Rect map_to_full(const ImageInfo& info, std::size_t level, const Rect& rect);

// The smallest level that has `region` at the resolution at which it is delivered.
std::size_t choose_level(const ImageInfo& info, const Rect& region, const Size& scaled);

// Does `source` have whole-numbered edges and the size `scaled`?
bool is_pixel_copy(const RectF& source, const Size& scaled);

// The index of the stored tile that `source`, delivered at the size `scaled`, exactly is.
std::optional<std::int64_t> find_stored_tile(const Level& level, const RectF& source,
                                             const Size& scaled);

}  // namespace iip

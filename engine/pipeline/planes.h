// Lines of an 8-bit grey or RGB raster between their interleaved form and the planes that filters
// work on.
//
// Opaque pixels become 8-bit planes. Pixels with alpha become 16-bit planes of associated colour:
// c * a for a colour, 255 * a for the alpha, both at most 65025. A filter then weighs each colour
// by its opacity, so that what lies invisible under transparent pixels never bleeds into its
// neighbours, and a pixel that no filter touched comes back exactly.
//
// Sizes are in pixels. `planes` has one pointer per channel. No state, thread-safe, no errors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/image/raster.h"

namespace iip {

using PlanePointers = std::array<std::uint8_t*, 4>;
using ConstPlanePointers = std::array<const std::uint8_t*, 4>;

void split_line(const std::uint8_t* pixels, std::size_t count, const PixelFormat& format,
                const PlanePointers& planes);
void join_line(const ConstPlanePointers& planes, std::size_t count, const PixelFormat& format,
               std::uint8_t* pixels);

}  // namespace iip

// What a TIFF directory says about its image beside the pixels: texts, density, its place in a
// stack.
#pragma once

#include <optional>

#include "engine/image/image_info.h"
#include "engine/source/tiff_directory.h"

namespace iip {

// Values of more than `most_bytes` are left out.
Metadata read_tiff_metadata(const TiffDirectory& directory, std::uint64_t most_bytes);

// The name is that of the document, else that of the page; too long ones are left out.
Page read_tiff_page(const TiffDirectory& directory);

// nullopt where the file states none, or only the shape of its pixels (no unit).
std::optional<Density> read_tiff_density(const TiffDirectory& directory);

}  // namespace iip

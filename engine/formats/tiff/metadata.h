// What a TIFF directory says about its image beside the pixels: texts, density, its place in a
// stack.
#pragma once

#include <optional>

#include "engine/formats/tiff/structure/directory.h"
#include "engine/image/image_info.h"
#include "engine/source/metadata_allowance.h"

namespace iip {

// What there is no allowance for is left out.
Bytes read_tiff_profile(const TiffDirectory& directory, MetadataAllowance& allowance);
Metadata read_tiff_metadata(const TiffDirectory& directory, MetadataAllowance& allowance);

// The name is that of the document, else that of the page; too long ones are left out.
Page read_tiff_page(const TiffDirectory& directory);

// nullopt where the file states none, or only the shape of its pixels (no unit).
std::optional<Density> read_tiff_density(const TiffDirectory& directory);

}  // namespace iip

// What a TIFF directory says about its image beside the pixels: texts, profile, density, the range
// of its samples.
#pragma once

#include <optional>
#include <vector>

#include "engine/image/image_info.h"
#include "engine/source/tiff_colour.h"
#include "engine/source/tiff_directory.h"
#include "engine/source/tiff_image.h"

namespace iip {

// Values of more than `most_bytes` are left out.
Metadata read_tiff_metadata(const TiffDirectory& directory, std::uint64_t most_bytes);

// nullopt where the file states none, or only the shape of its pixels (no unit).
std::optional<Density> read_tiff_density(const TiffDirectory& directory);

// One range for each channel of `format` without alpha: the stated one, or that of the type.
std::vector<SampleRange> read_tiff_ranges(const TiffDirectory& directory, const TiffImage& image,
                                          const PixelFormat& format);

}  // namespace iip

// Which values a TIFF image shows as black and as white.
//
// What the directory states of its samples (SMinSampleValue and SMaxSampleValue, else
// MinSampleValue and MaxSampleValue), for each channel or once for all, where that makes sense;
// else the range of the type: all integers of the depth, floats from 0 to 1, L* from 0 to 100, a*
// and b* from -128 to 127.
#pragma once

#include <vector>

#include "engine/formats/tiff/colour.h"
#include "engine/formats/tiff/image.h"
#include "engine/formats/tiff/structure/directory.h"
#include "engine/image/image_info.h"

namespace iip {

// One range for each channel of colour.format() without alpha.
std::vector<SampleRange> read_tiff_ranges(const TiffDirectory& directory, const TiffImage& image,
                                          const TiffColour& colour);

}  // namespace iip

// Which directories of a TIFF file are the resolutions of its image.
//
// The first directory is the full size. Smaller levels are its SubIFDs (as in OME-TIFF) or, where
// it has none that fit, later directories of the chain: those marked as reduced versions with the
// same proportions, and unmarked ones whose sides are halved some number of times, rounded down or
// up. They must decode to the same kind of pixels, and be tiled if the full size is. Masks, further
// pages, thumbnails, labels and overview photographs are thus told apart and left out.
#pragma once

#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/source/tiff_colour.h"
#include "engine/source/tiff_directory.h"
#include "engine/source/tiff_image.h"

namespace iip {

struct TiffPyramidLevel {
  TiffImage image;
  TiffColour colour;
};

// Full size first, then ever smaller ones. Errors are those of the full size; a smaller level that
// can not be read is left out.
Result<std::vector<TiffPyramidLevel>> read_tiff_pyramid(const TiffStructure& structure,
                                                        LogSink& log);

// Whether `small` can be a resolution of `full`: halved a number of times, each side rounded either
// way; or, if `marked` as a reduced version, of the same proportions.
bool is_reduced_size(const Size& full, const Size& small, bool marked);

}  // namespace iip

// Which directories of a TIFF file are the resolutions of its image, and which are pages of their
// own.
//
// A page is a full size. Its smaller levels are its SubIFDs (as in OME-TIFF) or, of the first page,
// where it has none that fit, later directories of the chain: those marked as reduced versions with
// the same proportions, and unmarked ones whose sides are halved some number of times, rounded down
// or up. They must decode to the same kind of pixels, and be tiled if the full size is. Masks,
// further pages, thumbnails, labels and overview photographs are thus told apart and left out.
//
// The first directory is a page. The others are those that are marked as pages, and, where the
// levels of the first are not in the chain, unmarked ones of its size and samples. A value type;
// the functions keep nothing and are for any thread.
#pragma once

#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/formats/tiff/colour.h"
#include "engine/formats/tiff/image.h"
#include "engine/formats/tiff/structure/directory.h"

namespace iip {

struct TiffPyramidLevel {
  TiffImage image;
  TiffColour colour;
  bool in_chain = false;  // a directory of the chain, not a SubIFD
};

// The levels of the page that is directory `page` of the chain: full size first, then ever smaller
// ones.
// Errors are those of the full size; a smaller level that can not be read is left out.
Result<std::vector<TiffPyramidLevel>> read_tiff_pyramid(const std::vector<TiffDirectory>& chain,
                                                        std::size_t page, LogSink& log);

// The directories of the chain that are pages; empty where the first is the only one. `first` are
// the levels of that.
std::vector<std::size_t> find_tiff_pages(const std::vector<TiffDirectory>& chain,
                                         const std::vector<TiffPyramidLevel>& first);

// Whether `small` can be a resolution of `full`: halved a number of times, each side rounded either
// way; or, if `marked` as a reduced version, of the same proportions.
bool is_reduced_size(const Size& full, const Size& small, bool marked);

}  // namespace iip

// The source of a file of any type that is read.
//
// Read in this order: ../source/source.h (the interface), then the main header of a format, best
// png/ first: png/source.h, jpeg/source.h, tiff/source.h, jpeg2000/source.h; for writing
// encode_raster.h, which leads to the encoder of each; source_decoders.h (what runs confined).
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/source/source.h"

namespace iip {

// Tells the type by the first bytes, never by the name. not_found: not an image, or one without
// that page; unsupported: an image that this version can not serve; corrupt: damaged; too_large:
// over the limits; busy, client_gone: those of the budget and the deadline. What the source keeps
// is no longer counted in the budget.
Result<std::shared_ptr<const Source>> open_source(const OpenContext& context);

}  // namespace iip

// Making a picture: a Plan is carried out, from the image file to the bytes of a JPEG or PNG.
#pragma once

#include "engine/plan/plan.h"
#include "engine/service/open_image.h"
#include "engine/service/service.h"

namespace iip {

// The picture, as bytes or (passthrough) as a head and a slice of the file. `memory` holds nothing
// but an empty text.
Result<Body> make_picture(const Plan& plan, const OpenImage& image, const ReadContext& context,
                          std::pmr::memory_resource* memory);

// The tiles of a TIL command, one after the other, in the IIP stream form.
Result<Bytes> make_tile_block(const TileBlockRequest& request, const OpenImage& image,
                              const Settings& settings, const ReadContext& context);

}  // namespace iip

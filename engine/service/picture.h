// Making a picture: a Plan is carried out, from the image file to the bytes of a picture file.
#pragma once

#include <memory_resource>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/settings.h"
#include "engine/plan/plan.h"
#include "engine/protocol/request.h"
#include "engine/service/answer.h"
#include "engine/service/open_image.h"

namespace iip {

// The stored tile that is what the plan asks for, as a head and a slice of the file; nullopt where
// the picture has to be made. `memory` holds nothing but an empty text.
Result<std::optional<Body>> find_stored_picture(const Plan& plan, const OpenImage& image,
                                                const ReadContext& context,
                                                std::pmr::memory_resource* memory);

// Decodes, scales, turns, colours and encodes.
Result<Bytes> make_picture(const Plan& plan, const OpenImage& image, const ReadContext& context);

// The tiles of a TIL command, one after the other, in the IIP stream form.
Result<Bytes> make_tile_block(const TileBlockRequest& request, const OpenImage& image,
                              const Settings& settings, const ReadContext& context);

}  // namespace iip

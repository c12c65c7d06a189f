// What a picture will cost, estimated before anything is decoded: for admission.
#pragma once

#include "engine/image/image_info.h"
#include "engine/plan/plan.h"
#include "engine/service/admission.h"

namespace iip {

// The memory of pixels at the peak, and the lane.
RenderCost cost_of(const Plan& plan, const ImageInfo& info, CacheClient client);

// The cost of a run of `tiles` native tiles of a level, made one after the other.
RenderCost cost_of_tiles(std::int64_t tiles, const Level& level, const PixelFormat& format,
                         CacheClient client);

}  // namespace iip

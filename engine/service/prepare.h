// The first step of an answer: what it is called and how it is headed, before a pixel is touched.
//
// Short documents are written here, since their ETag is that of their text; everything else is
// named by what decides its bytes.
#pragma once

#include "engine/base/result.h"
#include "engine/model/settings.h"
#include "engine/protocol/request.h"
#include "engine/service/frames.h"
#include "engine/service/prepared.h"
#include "engine/service/service_context.h"

namespace iip {

// Is the request about all frames of its object?
bool reads_frames(const Request& request);

// Without image, times and settling, which the service adds. `frames` is needed by requests that
// read all frames only.
Result<Prepared> prepare_answer(const Request& request, const ImageInfo& info, const Frames* frames,
                                const Settings& settings, const ServiceContext& context);

}  // namespace iip

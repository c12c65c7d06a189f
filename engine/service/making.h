// The second step of an answer that is made of pixels: what it will cost, and its bytes.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/settings.h"
#include "engine/protocol/request.h"
#include "engine/service/prepared.h"
#include "engine/service/render_cost.h"

namespace iip {

RenderCost cost_of_answer(const Request& request, const RenderInput& input, CacheClient client);

Result<Bytes> make_answer(const Request& request, const RenderInput& input,
                          const Settings& settings, const ReadContext& reading);

}  // namespace iip

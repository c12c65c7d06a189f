// The second step of an answer that is made of pixels: what it will cost, and its bytes.
#pragma once

#include "engine/service/render_cost.h"
#include "engine/service/service.h"

namespace iip {

RenderCost cost_of_answer(const Request& request, const Prepared& prepared, CacheClient client);

Result<Bytes> make_answer(const Request& request, const Prepared& prepared,
                          const Settings& settings, const ReadContext& reading);

}  // namespace iip

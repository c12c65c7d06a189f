// Mirrors and quarter turns: pixels are moved, none is changed.
#pragma once

#include "engine/base/allowance.h"
#include "engine/base/budget.h"
#include "engine/image/raster.h"

namespace iip {

// Left-right mirror, then a clockwise turn by a multiple of 90 degrees. Any format.
Result<Raster> mirror_and_turn(Raster input, bool mirror, int quarter_turns,
                               const Allowance& allowance);

}  // namespace iip

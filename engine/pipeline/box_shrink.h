// Shrinking by whole factors with plain averages: the coarse first half of a very strong reduction.
//
// Filters that keep their footprint in output pixels would need tables of thousands of taps there.
#pragma once

#include "engine/base/budget.h"
#include "engine/image/raster.h"

namespace iip {

// Averages cells of factor_x by factor_y pixels, counted from the top left; cells cut by the right
// and bottom edges average what they have. Colours are weighed by their alpha. 8-bit samples.
Result<Raster> box_shrink(Raster input, std::int64_t factor_x, std::int64_t factor_y,
                          MemoryBudget& budget);

}  // namespace iip

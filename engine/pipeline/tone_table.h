// Tables: what becomes of each whole number of up to 16 bits, for processing that looks at one
// sample at a time.
#pragma once

#include "engine/pipeline/process.h"

namespace iip {

// Are tables enough?
bool goes_by_table(const PixelFormat& format, const Processing& processing);

// As process(); goes_by_table() holds.
Result<Raster> process_by_table(const Raster& input, const Rect& part, const ProcessingJob& job,
                                const Allowance& allowance);

}  // namespace iip

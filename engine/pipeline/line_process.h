// Processing line by line, as floats: for everything that tables can not do.
#pragma once

#include "engine/pipeline/process.h"

namespace iip {

// As process(), of any raster whose model is grey or RGB.
Result<Raster> process_by_lines(const Raster& input, const Rect& part, const ProcessingJob& job,
                                const Allowance& allowance);

}  // namespace iip

// Scaling of rasters of any format, one channel after the other.
//
// u8 and u16 channels are filtered as the whole numbers that they are (zimg's taps have 14 bits),
// u32 and f32 ones as floats, so that a u32 result is good to one part in 10^7. Where there is
// alpha, the other channels are weighed by it.
//
// Floats that are not finite say that there is no value. They have no weight: a pixel of the result
// is the weighted mean of those values under the filter that there are, and NaN where they have
// less than half of the weight. So they never spread further than they cover.
#pragma once

#include "engine/image/raster.h"
#include "engine/pipeline/zimg_filter.h"

namespace iip {

Result<Raster> filter_channels(const Raster& input, const ScaledWindow& window,
                               const Allowance& allowance);

}  // namespace iip

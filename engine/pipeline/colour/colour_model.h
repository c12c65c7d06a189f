// Rasters of other colour models become RGB. Alpha and further channels are kept.
//
//   CIELAB  with the white (X, Y, Z), Y = 1:
//           f_y = (L + 16) / 116, f_x = f_y + a / 500, f_z = f_y - b / 200;
//           each of X, Y, Z is its white times f^3 where f > 6/29, else 3 (6/29)^2 (f - 4/29).
//           Adapted from that white to D65 by the Bradford matrix, to linear RGB by the matrix of
//           IEC 61966-2-1, cut to 0..1, and through the curve of sRGB. The result is floats, 0..1.
//   CMYK    where no profile says more: R = (w - C) (w - K) / w and so on, w being a full ink.
//
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include "engine/base/allowance.h"
#include "engine/image/raster.h"
#include "engine/pipeline/sample_scale.h"

namespace iip {

// A raster, and what its samples mean.
struct ScaledRaster {
  Raster raster;
  SampleScale scale;
};

constexpr Chromaticity kD50 = {0.34567, 0.35850};

Result<ScaledRaster> lab_to_rgb(ScaledRaster input, const Chromaticity& white,
                                const Allowance& allowance);
Result<ScaledRaster> cmyk_to_rgb(ScaledRaster input, const Allowance& allowance);

}  // namespace iip

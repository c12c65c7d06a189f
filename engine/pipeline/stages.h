// The stages that pixels pass through, in this order; each lives in a file of its own.
//
// A stage takes a raster and gives a new one (or the same, changed in place). It works within what
// it is allowed: memory is counted against the budget, and the deadline is asked in between; a
// stage frees its input as soon as it is done with it. resample() takes every format; the others
// here come after process.h and take what is_picture(), whose samples use the whole range of their
// type (floats: 0 to 1, but none is cut off).
#pragma once

#include "engine/base/allowance.h"
#include "engine/image/orient.h"
#include "engine/image/raster.h"
#include "engine/model/settings.h"

namespace iip {

// resample.cpp: scales the part `source` (fractional edges, within the raster) to `size`. Filtering
// is area-correct when shrinking, the raster goes on mirrored beyond its edges, half-pixel centres.
// Nearest takes the pixel below each output pixel's centre, also when shrinking. Channels are
// weighed by the alpha. See channel_filter.h for depths, and for floats that are no numbers.
Result<Raster> resample(Raster input, const RectF& source, const Size& size,
                        Interpolation interpolation, const Allowance& allowance);

// rotate.cpp: a clockwise turn by any angle about the centre, into the tight bounding box, see
// rotated_size(). Uncovered corners are transparent if `with_alpha` (the result
// then has an alpha channel), else white (the result then has none; what was transparent shows
// white too). A multiple of 90 degrees uncovers nothing: it is mirror_and_turn, and keeps the
// format.
Result<Raster> rotate(Raster input, double degrees, bool with_alpha, const Allowance& allowance);

// colour.cpp: luma by 0.299 R + 0.587 G + 0.114 B, rounded; alpha is kept.
Result<Raster> to_grey(Raster input, const Allowance& allowance);
// Black and white by `threshold` of 256 greys (below it: 0, else white); the input is grey.
Status to_bitonal(Raster& grey, int threshold, const Deadline& deadline);
// Otsu's threshold of an 8-bit grey raster: the value that parts its histogram in two with the
// largest variance between them; the smallest such value, and 128 for a raster of a single grey.
int otsu_threshold(const Raster& grey);

// alpha.cpp: puts the picture on white and drops the alpha channel.
Result<Raster> flatten_on_white(Raster input, const Allowance& allowance);

}  // namespace iip

// Processing: from the samples of a source to a picture that encoders take, by what the client
// asks.
//
//   normalise (MINMAX, CNT=stretch, CNT=eq), hillshade, twist, gamma or logarithm, inversion,
//   colour map, convolution, contrast and reduction to the depth of the output
//
// in this order; each lives in a file of its own. Where nothing is asked for, this is the reduction
// alone: of 8-bit samples to 8 bits nothing at all, of others to 8 or 16 bits by the image's range,
// rounded (halves upwards), and to floats in the file's own values.
//
// A picture of three or more channels is shown in colour by its first three, one of fewer in grey
// by its first. Alpha goes through untouched, but for its depth.
//
// Whole numbers of up to 16 bits that are only changed one by one go through tables, everything
// else line by line as floats; so the memory needed is that of the result, a table and a few lines.
// The function keeps nothing and is for any thread.
#pragma once

#include "engine/base/allowance.h"
#include "engine/image/raster.h"
#include "engine/model/processing.h"
#include "engine/pipeline/hillshade.h"
#include "engine/pipeline/sample_scale.h"
#include "engine/pipeline/statistics.h"

namespace iip {

struct ProcessingJob {
  const Processing& processing;
  SampleScale scale;
  const Statistics* statistics = nullptr;  // may be null where processing.spread is as_is
  int bits = 8;                            // 8, 16, or 32 for floats
  PixelSpacing spacing = {};
};

constexpr bool shows_colour(int channels) { return channels >= 3; }

// The format of the picture that is made of rasters of `source`.
PixelFormat processed_format(const Processing& processing, const PixelFormat& source, int bits);

// How many pixels around a picture of `channels` (without alpha) are looked at.
int context_of(const Processing& processing, int channels);

// `part` is what is delivered of the raster, which is grey or RGB; what lies around it is looked at
// only where the processing needs it. The result is_picture(). Errors: those of the budget
// and the deadline.
Result<Raster> process(Raster input, const Rect& part, const ProcessingJob& job,
                       const Allowance& allowance);

}  // namespace iip

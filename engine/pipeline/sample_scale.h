// What the samples of a raster mean. A value type; the functions keep nothing and are for any
// thread.
#pragma once

#include <vector>

#include "engine/image/image_info.h"

namespace iip {

struct SampleScale {
  // One per channel without alpha: the samples (value_offset taken off) that are shown as black and
  // as white. min may be above max.
  std::vector<SampleRange> ranges;
  double offset = 0;    // what a sample of 0 stands for
  double opaque = 255;  // alpha of full opacity
};

// The scale of the rasters that a source gives.
SampleScale scale_of(const ImageInfo& info);

// The scale of samples that use the whole range of their type, as the engine makes them.
SampleScale full_scale(const PixelFormat& format);

}  // namespace iip

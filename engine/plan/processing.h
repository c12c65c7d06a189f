// What a client wants done to the values of a picture, in the one form that stands for all requests
// which mean the same of a given image.
#pragma once

#include "engine/image/image_info.h"
#include "engine/model/processing.h"

namespace iip {

// Without what does nothing: ranges of channels that there are not, those that hold anyhow, and all
// where the histogram is equalised; a twist that leaves each channel where it is; factors for
// channels that there are not; a kernel of one weight.
Processing canonical_processing(const Processing& processing, const ImageInfo& info);

// Do the colours that come out (false: the tones alone) differ from those of the file, so that its
// profile says nothing about them?
bool makes_other_colours(const Processing& processing);

// Is the picture grey, once it is processed?
bool is_grey_when_processed(const Processing& processing, const ImageInfo& info);

}  // namespace iip

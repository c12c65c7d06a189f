// What encoders are told besides the pixels, and what their formats can keep of a raster. Value
// types.
#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/image/image_info.h"
#include "engine/model/output_format.h"

namespace iip {

// What goes into a picture besides its pixels; empty and absent parts are left out, as is what the
// format has no place for, or too small a place. Exif and XMP are changed to say that the picture
// stands upright.
struct PictureExtras {
  Bytes icc_profile;
  Metadata metadata;               // `software` names the one that makes the picture
  std::optional<Density> density;  // of the picture as delivered
};

// Can a picture of the format be transparent? Else the raster must be opaque.
constexpr bool keeps_alpha(Format format) { return format != Format::jpeg; }

// Is of four pixels of a picture in RGB, two by two, no more kept than the mean of their Cb and Cr?
constexpr bool halves_chroma(Format format) { return format == Format::jpeg; }

}  // namespace iip

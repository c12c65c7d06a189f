// What a TIFF picture says besides its pixels.
#pragma once

#include "engine/encode/picture_extras.h"
#include "engine/formats/tiff/writer.h"

namespace iip {

// Sets texts, profile, density, XMP and IPTC; call it before any pixel is written.
void set_tiff_tags(TiffWriter& writer, const PictureExtras& extras, ColourModel model);

// Adds the directories of the Exif block; call it after all pixels were written.
void add_exif_directories(TiffWriter& writer, const Metadata& metadata);

}  // namespace iip

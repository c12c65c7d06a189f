// What a TIFF picture says besides its pixels.
#pragma once

#include "engine/encode/picture_extras.h"
#include "engine/formats/tiff/writer.h"

namespace iip {

// Before any pixel: texts, profile, density, XMP and IPTC.
void set_tiff_tags(TiffWriter& writer, const PictureExtras& extras, ColourModel model);

// Behind all pixels: the directories of the Exif block.
void add_exif_directories(TiffWriter& writer, const Metadata& metadata);

}  // namespace iip

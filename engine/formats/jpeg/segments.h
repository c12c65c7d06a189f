// The segments of a JPEG picture that say something about it. A value type; the functions keep
// nothing and are for any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/encode/picture_extras.h"

namespace iip {

struct JpegSegment {
  int marker;       // APP1, APP13, COM ...
  ByteVector data;  // behind the length, at most 65533 bytes
};

// In the order in which they belong behind the JFIF segment: Exif (APP1), XMP (APP1), IPTC within
// Photoshop's image resources (APP13), and a comment with software and copyright. What is too long
// for one segment is left out. The profile is not among them.
std::vector<JpegSegment> jpeg_segments(const Metadata& metadata);

}  // namespace iip

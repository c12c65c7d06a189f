// A JPEG file up to its first entropy-coded byte: the header that matters for decoding, and what
// the file says about the picture beside it.
//
// The segments are walked with small reads and what is not needed is skipped, so that a picture
// behind megabytes of application data costs what its tables cost.
//
// Sources: ITU-T T.81 annex B; JFIF 1.02; Exif 2.3 (CIPA DC-008) 4.5; ICC.1 annex B.4; XMP part 3;
// Adobe Photoshop file formats specification.
//
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg/header.h"
#include "engine/image/image_info.h"
#include "engine/source/source.h"

namespace iip {

struct JpegFile {
  JpegHeader header;  // complete
  // SOI and the segments that a decoder needs, up to and with the first SOS. header.scan_offset
  // counts in this; the file's own place is below.
  ByteVector head;
  std::uint64_t scan_offset = 0;
  int orientation = 1;  // as Exif counts: 1 to 8
  std::optional<Density> density;
  Metadata metadata;
  Bytes icc_profile;
};

// Texts and profiles over the limits are left out. Errors: corrupt, those of the deadline.
Result<JpegFile> read_jpeg_file(const File& file, const SourceLimits& limits,
                                const Deadline& deadline);

}  // namespace iip

// What a TIFF file says by the directories of Exif (34665) and GPS (34853), as a block of its own.
//
// The block is a classic TIFF structure in the byte order of the file, like those in JPEG files: a
// first directory that points to these two. Left out are what only makes sense at its place in the
// file (the notes of camera makers, further directories) and values of types that Exif does not
// have. Source: Exif 2.3 (CIPA DC-008), 4.6.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/formats/tiff/structure/directory.h"

namespace iip {

// Empty where there is neither, or the block would have more than `most_bytes`.
Bytes read_tiff_exif(const TiffDirectory& directory, std::uint64_t most_bytes);

}  // namespace iip

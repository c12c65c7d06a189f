// What an Exif block says about its picture: orientation, density, a few texts.
//
// The block is a TIFF structure (Exif 2.3, 4.5.2); of it only the first directory is read. Anything
// that does not make sense is left out: Exif never makes a picture unreadable. The block itself is
// kept, too, with the orientation set to 1: pictures are served as they are meant to be seen. Of a
// tag that is there more than once the first counts, and no others are looked at.
//
// Read in this order: ../tiff/structure/directory.h (the structure of a block), this header (what a
// block says), exif_block.h (a block on its way into a picture), photoshop_resources.h (IPTC among
// Photoshop's own), embedded_profile.h (ICC). A value type; the functions keep nothing and are for
// any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/image/image_info.h"
#include "engine/source/metadata_allowance.h"

namespace iip {

struct Exif {
  int orientation = 1;  // 1 to 8
  std::optional<Density> density;
  Metadata metadata;  // with the block
};

// `block` begins with the TIFF header ("II*" or "MM*"); where it does not, nothing is kept of it.
// Texts, and the block, are kept as far as there is an allowance for them.
Exif read_exif(ByteSpan block, MetadataAllowance& allowance);

}  // namespace iip

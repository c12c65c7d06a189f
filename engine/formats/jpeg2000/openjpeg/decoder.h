// Has a part of a JPEG 2000 codestream decoded by OpenJPEG, which runs confined.
//
// What the planes of the part are follows from the header, which was read and checked here; of what
// the decoder answers nothing but samples is taken. Thread-safe: nothing is kept between calls.
//
// Read in this order: excerpt.h and codestream_writer.h (the codestream of a part by itself),
// library.h (the library, in the confined process), then this header.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/codestream/picture.h"
#include "engine/image/geometry.h"
#include "engine/source/source.h"

namespace iip {

// A codestream, and where its bytes come from.
struct J2kInput {
  const J2kHeader& header;
  std::uint64_t length = 0;
  std::uint64_t memory = 0;  // that the decoder takes at most
  std::function<Status(std::span<std::uint8_t>)> copy_to;
};

struct J2kDecodeRequest {
  int reduce = 0;  // resolutions left out
  int layers = 0;  // decoded; 0: all
  // The part, on the reference grid, within the image. A component has there, at the reduced
  // resolution, the samples from its left edge divided down to its right one, both rounded up.
  Rect area;
  // Where the codestream's reference grid, reduced, lies on that of the image: multiples of each
  // component's dx and dy.
  std::int64_t moved_x = 0;
  std::int64_t moved_y = 0;
};

// Puts into `out` what the request has of it. `out` has the components of the header. What it
// costs, the decoder's memory and that in between, is counted in the context's budget. Errors:
// corrupt with OpenJPEG's own words as detail, or how it ended; unsupported where no decoders are
// lent; those of ConfinedDecoders, the budget and the input.
Status decode_j2k(const ReadContext& context, const J2kInput& input,
                  const J2kDecodeRequest& request, J2kPicture& out);

}  // namespace iip

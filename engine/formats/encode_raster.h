// A raster becomes the bytes of a picture file of any format that is served. Thread-safe, no state.
//
// Errors: those of the format's encoder, see formats/<format>/encoder.h; too_large or busy where
// the budget has no room; those of the deadline.
#pragma once

#include <cstdint>

#include "engine/base/allowance.h"
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/encode/picture_extras.h"
#include "engine/image/raster.h"
#include "engine/model/output_format.h"

namespace iip {

// As the encoding says, by the encoder of its format. What the encoder needs for its work
// and its output is counted in the budget while it runs, and the deadline is asked all the while;
// only AVIF, whose library can not be stopped, is one step.
Result<Bytes> encode(const Raster& raster, const Encoding& encoding, const PictureExtras& extras,
                     const Allowance& allowance);

// The most memory that encode() takes beside the raster, estimated.
std::uint64_t encoder_bytes(const Size& size, const PixelFormat& format, const Encoding& encoding);

}  // namespace iip

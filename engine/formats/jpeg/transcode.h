// A JPEG picture that can be read from its beginning only (progressive, in several scans, or
// arithmetic-coded), written anew as one sequential scan: the same coefficients, about as many
// bytes, and any part of it can be read for itself.
//
// Memory for all coefficients is counted against the budget while the work lasts, 128 bytes for
// each block of 64 samples. The file must be whole: what it lacks can not be told from what its
// writer left out. A value type; the functions keep nothing and are for any thread.
#pragma once

#include "engine/base/budget.h"
#include "engine/base/bytes.h"
#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg/header.h"
#include "engine/source/byte_feed.h"

namespace iip {

struct SequentialJpeg {
  ByteVector bytes;
  Reservation memory;  // that of the bytes
};

// `header` is that of the feed's picture. Errors: corrupt, too_large, busy, those of the feed.
Result<SequentialJpeg> make_sequential(ByteFeed& feed, const JpegHeader& header,
                                       MemoryBudget& budget, const Deadline& deadline);

}  // namespace iip

// Reading a part of a level at another size, with memory that follows the result and not the part.
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include "engine/model/settings.h"
#include "engine/source/source.h"

namespace iip {

// A part of at most this many pixels is read at once.
constexpr std::int64_t kMostReadAtOnce = std::int64_t{24} << 20U;

struct ScaledPart {
  std::size_t level = 0;
  RectF part;  // of the level, within it
  Size size;   // delivered
  Interpolation interpolation = Interpolation::bicubic;
  // What may be wrong of the pixels delivered, where they are fewer than those read; see
  // ReadTolerance. 0: nothing.
  double error = 0;
  double chroma_error = 0;
};

// Reads what the filter needs around `part` as well, so that neighbouring parts meet without a
// seam. A part that is far larger than the result (an image without small levels) is read in bands,
// each averaged down by a whole factor, before the filter sees it.
Result<Raster> read_scaled(const Source& source, const ReadContext& context,
                           const ScaledPart& wanted);

}  // namespace iip

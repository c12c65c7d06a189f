// A straight line of pixels in a level, and the values along it. Value types; the functions keep
// nothing and are for any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/protocol/request.h"
#include "engine/source/source.h"

namespace iip {

struct Pixel {
  std::int64_t x = 0;
  std::int64_t y = 0;
};

// One pixel for each step along the longer axis, the other coordinate rounded to the nearest whole
// one (halves away from the start). The last point is left out, unless it is the first one too.
class PixelLine {
 public:
  // malformed where a pixel of the line lies outside the level.
  static Result<PixelLine> between(Pixel start, Pixel end, const Size& level);

  std::int64_t length() const { return length_; }
  Pixel at(std::int64_t index) const;

 private:
  PixelLine(Pixel start, Pixel end);

  Pixel start_;
  std::int64_t across_, down_, steps_, length_;
};

// The values of all channels of each pixel (the first of the line's first, then the others),
// as the file means them: ImageInfo::value_offset is added, nothing is scaled. Reads tile by tile,
// so that memory does not grow with the line's length but by the values.
Result<std::vector<double>> read_values(const Source& source, const ReadContext& context,
                                        std::size_t level, const PixelLine& line);

}  // namespace iip

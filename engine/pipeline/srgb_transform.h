// Colours that a profile states become sRGB, by Little CMS.
//
// Grey stays grey (with sRGB's tone curve), RGB and CMYK become RGB; relative colorimetric, with
// black point compensation. Bytes are converted as bytes, 16-bit samples as such, all others as
// floats whose range is 0 to 1. Integers keep their scale, so that ranges stay in the file's terms.
// Alpha and further channels are kept.
//
// Profiles are hostile input: one that is damaged, larger than 4 MB, of another colour space than
// the pixels, or no profile of a device, gives no transform. Little CMS works in a context of its
// own, and says nothing. A transform takes a few hundred kilobytes, is made once and may be used by
// any number of threads.
#pragma once

#include <memory>

#include "engine/base/bytes.h"
#include "engine/pipeline/colour_model.h"

namespace iip {

class SrgbTransform {
 public:
  // nullptr: the profile does not serve for pixels of the format.
  static std::unique_ptr<const SrgbTransform> create(const Bytes& profile,
                                                     const PixelFormat& format);
  ~SrgbTransform();
  SrgbTransform(const SrgbTransform&) = delete;
  SrgbTransform& operator=(const SrgbTransform&) = delete;

  // `input` has the format that the transform was made for.
  Result<ScaledRaster> convert(ScaledRaster input, MemoryBudget& budget) const;

 private:
  struct Parts;
  explicit SrgbTransform(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace iip

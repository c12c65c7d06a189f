// Colours that a profile states become sRGB, by Little CMS.
//
// Grey stays grey (with sRGB's tone curve), RGB and CMYK become RGB; relative colorimetric, with
// black point compensation. 32-bit samples are converted as floats whose range is 0 to 1. Integers
// keep their type and scale, so that ranges stay in the file's terms; they are within one of 255
// steps of the exact result, rounding included. Alpha and further channels are kept.
//
// Integers in grey or RGB go by a ColourShaper where the profile allows. All else goes step by step
// through what the profile holds, pixel by pixel, which takes ten times as long: tables that Little
// CMS would make of the steps are off by up to 20 of 255 where the gamut ends.
//
// Profiles are hostile input: one that is damaged, larger than 4 MB, of another colour space than
// the pixels, or no profile of a device, gives no transform. Little CMS works in a context of its
// own, and says nothing. A transform may be used by any number of threads.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/pipeline/colour/colour_model.h"

namespace iip {

class SrgbTransform {
 public:
  // nullptr: the profile does not serve for pixels of the format.
  static std::unique_ptr<const SrgbTransform> create(const Bytes& profile,
                                                     const PixelFormat& format);
  ~SrgbTransform();
  SrgbTransform(const SrgbTransform&) = delete;
  SrgbTransform& operator=(const SrgbTransform&) = delete;

  // The memory that it takes, estimated; it is larger while it is made.
  std::uint64_t bytes() const;
  // What making one from a profile may take.
  static std::uint64_t bytes_for(const Bytes& profile);

  // `input` has the format that the transform was made for.
  Result<ScaledRaster> convert(ScaledRaster input, const Allowance& allowance) const;

 private:
  struct Parts;
  explicit SrgbTransform(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace iip

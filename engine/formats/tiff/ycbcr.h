// YCbCr of 8 bits as TIFF states it, made RGB: TIFF 6.0, section 21, with the file's coefficients
// and reference levels. Never changed once made, so for any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/formats/tiff/structure/directory.h"

namespace iip {

class TiffYcbcr {
 public:
  // What the directory states; Rec. 601 and the full range where that is nothing usable.
  static TiffYcbcr of(const TiffDirectory& directory);

  // Pixels of Y, Cb, Cr at `in` to R, G, B at `out`.
  void convert(const std::uint8_t* in, std::size_t pixels, std::uint8_t* out) const;

 private:
  std::array<std::int32_t, 256> luma_{}, red_{}, green_cb_{}, green_cr_{}, blue_{};
};

}  // namespace iip

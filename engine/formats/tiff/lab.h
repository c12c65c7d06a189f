// The three ways in which TIFF stores CIELAB, made L*, a* and b*.
//
//   CIELAB  L* over 0..100; a* and b* as signed numbers, of 16 bits in 256ths
//   ICCLab  L* the same, of 16 bits over 0..65280; a* and b* with 128 added, of 16 bits in 256ths
//   ITULab  each over its range: that of the tag Decode, else 0..100, -85..85 and -75..125
//
// in samples of 8 or 16 bits. Floats are the values themselves. Sources: TIFF 6.0, section 23;
// Adobe Photoshop TIFF technical notes (ICCLab); RFC 3949, 6.2.3 (ITULab). Never changed once made,
// so for any number of threads.
#pragma once

#include <array>
#include <cstdint>

#include "engine/formats/tiff/image.h"
#include "engine/formats/tiff/structure/directory.h"

namespace iip {

class TiffLab {
 public:
  static TiffLab of(const TiffDirectory& directory, const TiffImage& image);

  // The colour that `in` stores.
  template <class T>
  void convert(const T* in, float* out) const {
    for (std::size_t i = 0; i < 3; ++i) {
      const Channel& channel = channels_[i];
      const auto number = static_cast<double>(static_cast<std::uint32_t>(in[i]) ^ channel.turned);
      out[i] = static_cast<float>(number * channel.factor / channel.divisor + channel.shift);
    }
  }
  void convert(const float* in, float* out) const {
    for (std::size_t i = 0; i < 3; ++i) out[i] = in[i];
  }

 private:
  struct Channel {
    std::uint32_t turned = 0;  // the sign bit of signed numbers
    double factor = 1;
    double divisor = 1;
    double shift = 0;
  };

  std::array<Channel, 3> channels_;
};

}  // namespace iip

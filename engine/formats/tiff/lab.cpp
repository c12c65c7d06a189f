#include "engine/formats/tiff/lab.h"

#include <vector>

namespace iip {

TiffLab TiffLab::of(const TiffDirectory& directory, const TiffImage& image) {
  const bool wide = image.sample.bits == 16;
  const double most = image.sample.largest();
  const double unit = wide ? 256 : 1;  // of a* and b*
  TiffLab lab;
  switch (image.photometric) {
    case TiffPhotometric::cielab: {
      const std::uint32_t sign = wide ? 0x8000 : 0x80;
      lab.channels_ = {{{0, 100, most, 0}, {sign, 1, unit, -128}, {sign, 1, unit, -128}}};
      break;
    }
    case TiffPhotometric::icc_lab:
      lab.channels_ = {
          {{0, 100, wide ? 65280.0 : 255.0, 0}, {0, 1, unit, -128}, {0, 1, unit, -128}}};
      break;
    default: {
      // The middle of a*, and where b* is 0, are whole numbers: half and three eighths of the
      // range.
      std::vector<double> decode = directory.numbers(TiffTag::decode, 6);
      if (decode.size() != 6) {
        const double a = 128 * unit * 170 / most;
        const double b = 96 * unit * 200 / most;
        decode = {0, 100, -a, 170 - a, -b, 200 - b};
      }
      for (std::size_t i = 0; i < 3; ++i) {
        lab.channels_[i] = {0, decode[2 * i + 1] - decode[2 * i], most, decode[2 * i]};
      }
    }
  }
  return lab;
}

}  // namespace iip

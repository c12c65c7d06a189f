#include "engine/formats/tiff/ycbcr.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace iip {

namespace {

constexpr int kFractionBits = 16;

std::int32_t fixed(double value) {
  constexpr double kLargest = 1000.0 * (1 << kFractionBits);  // keeps sums of three within 32 bits
  const double scaled = std::round(value * (1 << kFractionBits));
  if (std::isnan(scaled)) return 0;  // the file states senseless coefficients
  return static_cast<std::int32_t>(std::clamp(scaled, -kLargest, kLargest));
}

std::uint8_t from_fixed(std::int32_t value) {
  const std::int32_t rounded = (value + (1 << (kFractionBits - 1))) >> kFractionBits;
  return static_cast<std::uint8_t>(std::clamp(rounded, 0, 255));
}

}  // namespace

// Codes to Y in 0..255 and Cb, Cr in -127..127, then to RGB.
TiffYcbcr TiffYcbcr::of(const TiffDirectory& directory) {
  std::vector<double> luma = directory.numbers(TiffTag::ycbcr_coefficients, 3);
  if (luma.size() != 3 || luma[1] == 0) luma = {0.299, 0.587, 0.114};
  std::vector<double> levels = directory.numbers(TiffTag::reference_black_white, 6);
  const bool usable = levels.size() == 6 && levels[0] != levels[1] && levels[2] != levels[3] &&
                      levels[4] != levels[5];
  if (!usable) levels = {0, 255, 128, 255, 128, 255};

  const auto code = [&levels](std::size_t channel, double range, std::size_t value) {
    const double black = levels[2 * channel];
    const double white = levels[2 * channel + 1];
    return (static_cast<double>(value) - black) * range / (white - black);
  };
  TiffYcbcr tables;
  for (std::size_t i = 0; i < 256; ++i) {
    const double cb = code(1, 127, i);
    const double cr = code(2, 127, i);
    tables.luma_[i] = fixed(code(0, 255, i));
    tables.red_[i] = fixed(cr * (2 - 2 * luma[0]));
    tables.blue_[i] = fixed(cb * (2 - 2 * luma[2]));
    tables.green_cb_[i] = fixed(-cb * luma[2] * (2 - 2 * luma[2]) / luma[1]);
    tables.green_cr_[i] = fixed(-cr * luma[0] * (2 - 2 * luma[0]) / luma[1]);
  }
  return tables;
}

void TiffYcbcr::convert(const std::uint8_t* in, std::size_t pixels, std::uint8_t* out) const {
  for (std::size_t i = 0; i < pixels; ++i, in += 3, out += 3) {
    const std::int32_t luma = luma_[in[0]];
    out[0] = from_fixed(luma + red_[in[2]]);
    out[1] = from_fixed(luma + green_cb_[in[1]] + green_cr_[in[2]]);
    out[2] = from_fixed(luma + blue_[in[1]]);
  }
}

}  // namespace iip

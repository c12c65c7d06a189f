#include "engine/formats/tiff/undecoded.h"

#include <algorithm>
#include <cstddef>

namespace iip {

namespace {

constexpr int kHorizontalDifferences = 2;

// Whether the middle of the range of each sample makes a grey.
bool has_grey_in_the_middle(const TiffImage& image) {
  if (image.sample.kind != TiffSampleFormat::Kind::unsigned_integer) return false;
  switch (image.photometric) {
    case TiffPhotometric::min_is_white:
    case TiffPhotometric::min_is_black:
      return image.samples == 1;
    case TiffPhotometric::rgb:
    case TiffPhotometric::ycbcr:
    case TiffPhotometric::icc_lab:
    case TiffPhotometric::itu_lab:
      return image.samples == 3;
    default:
      return false;
  }
}

// Eight samples of `bits` bits, each with its highest bit set: 0x80 again and again where these are
// whole bytes, 0x80, 0x08, 0x00 twice over for 12 bits.
ByteVector middle_samples(int bits) {
  const auto width = static_cast<std::size_t>(bits);
  ByteVector samples(width, bits % 8 == 0 ? 0x80 : 0);
  if (bits % 8 == 0) return samples;
  for (std::size_t bit = 0; bit < 8 * width; bit += width) {
    samples[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
  }
  return samples;
}

// As many bytes as a row's are the same again.
ByteVector neutral_bytes(const TiffImage& image) {
  const bool is_bilevel = image.sample.bits == 1 && image.samples == 1;
  if (is_bilevel && image.photometric == TiffPhotometric::min_is_white) return {0};
  return has_grey_in_the_middle(image) ? middle_samples(image.sample.bits) : ByteVector{0};
}

}  // namespace

void fill_undecoded(const TiffImage& image, std::span<std::uint8_t> block) {
  const ByteVector neutral = neutral_bytes(image);
  if (std::all_of(neutral.begin(), neutral.end(), [&](auto byte) { return byte == neutral[0]; })) {
    std::fill(block.begin(), block.end(), image.predictor == 1 ? neutral[0] : std::uint8_t{0});
    if (image.predictor != kHorizontalDifferences) return;
  }
  const auto row_bytes = static_cast<std::size_t>(image.decoded_bytes(1));
  // Where differences are stored, the first pixel of a row has the value, and all others are 0.
  const std::size_t pixel_bytes =
      neutral.size() * static_cast<std::size_t>(image.separate ? 1 : image.samples);
  const std::size_t set = image.predictor == 1 ? row_bytes : std::min(row_bytes, pixel_bytes);
  for (; block.size() >= row_bytes; block = block.subspan(row_bytes)) {
    for (std::size_t i = 0; i < set; ++i) block[i] = neutral[i % neutral.size()];
  }
}

}  // namespace iip

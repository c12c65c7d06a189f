#include "engine/source/tiff_colour.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace iip {

namespace {

constexpr std::uint64_t kUnspecified = 0;
constexpr std::uint64_t kAssociated = 1;
constexpr std::uint64_t kMostExtraSamples = 32;
constexpr std::size_t kMapEntries = 768;  // red, green and blue of 256 colours
constexpr int kFractionBits = 16;

std::uint8_t clamp_to_byte(std::int32_t value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

std::int32_t fixed(double value) {
  constexpr double kLargest = 1000.0 * (1 << kFractionBits);  // keeps sums of three within 32 bits
  const double scaled = std::round(value * (1 << kFractionBits));
  return static_cast<std::int32_t>(std::clamp(scaled, -kLargest, kLargest));
}

std::uint8_t from_fixed(std::int32_t value) {
  return clamp_to_byte((value + (1 << (kFractionBits - 1))) >> kFractionBits);
}

std::uint8_t divide_by_alpha(int colour, int alpha) {
  if (alpha == 0) return 0;
  return clamp_to_byte((colour * 255 + alpha / 2) / alpha);
}

Result<std::array<std::array<std::uint8_t, 3>, 256>> read_palette(const TiffDirectory& directory) {
  const std::vector<std::uint64_t> map = directory.integers(TiffTag::colour_map, kMapEntries);
  if (map.size() != kMapEntries) {
    return fail(ErrorKind::corrupt, "The image file is damaged", "TIFF: no usable colour map");
  }
  // Entries are 16 bits wide, but some writers store 8-bit values in them.
  const bool narrow =
      std::all_of(map.begin(), map.end(), [](std::uint64_t value) { return value < 256; });
  std::array<std::array<std::uint8_t, 3>, 256> palette{};
  for (std::size_t i = 0; i < 256; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::uint64_t value = std::min<std::uint64_t>(map[channel * 256 + i], 65535);
      palette[i][channel] = static_cast<std::uint8_t>(narrow ? value : (value + 128) / 257);
    }
  }
  return palette;
}

}  // namespace

Result<TiffColour> TiffColour::of(const TiffDirectory& directory, const TiffImage& image) {
  TiffColour colour;
  int colour_samples = 3;
  switch (image.photometric) {
    case TiffPhotometric::min_is_white:
    case TiffPhotometric::min_is_black:
      colour_samples = 1;
      colour.inverted_ = image.photometric == TiffPhotometric::min_is_white;
      colour.format_.model = ColourModel::grey;
      break;
    case TiffPhotometric::palette: {
      colour_samples = 1;
      colour.kind_ = Kind::palette;
      auto palette = read_palette(directory);
      if (!palette) return pass_on(palette);
      colour.palette_ = *palette;
      break;
    }
    case TiffPhotometric::ycbcr:
      if (image.decodes_to_rgb()) break;
      colour.kind_ = Kind::ycbcr;
      colour.tables_ = ycbcr_tables(directory);
      break;
    case TiffPhotometric::rgb:
      break;
  }
  if (image.samples < colour_samples) {
    return fail(ErrorKind::corrupt, "The image file is damaged",
                "TIFF: " + std::to_string(image.samples) + " channels are too few for the colours");
  }
  for (int i = 0; i < colour_samples; ++i) colour.channels_.push_back(i);

  const std::vector<std::uint64_t> extra =
      directory.integers(TiffTag::extra_samples, kMostExtraSamples);
  for (std::size_t i = 0; i < extra.size(); ++i) {
    const int channel = colour_samples + static_cast<int>(i);
    if (extra[i] == kUnspecified || extra[i] > 2 || channel >= image.samples) continue;
    colour.format_.alpha = true;
    colour.associated_ = extra[i] == kAssociated;
    colour.channels_.push_back(channel);
    break;
  }

  colour.separate_ = image.separate;
  colour.subsampled_ = image.is_subsampled();
  colour.chroma_ = image.chroma;
  colour.block_width_ = image.block.width;
  colour.pixel_samples_ =
      image.separate ? colour.channels_.size() : static_cast<std::size_t>(image.samples);
  colour.alpha_at_ = image.separate ? colour.channels_.size() - 1
                                    : static_cast<std::size_t>(colour.channels_.back());
  return colour;
}

// TIFF 6.0, section 21: codes to Y in 0..255 and Cb, Cr in -127..127, then to RGB.
TiffColour::YcbcrTables TiffColour::ycbcr_tables(const TiffDirectory& directory) {
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
  YcbcrTables tables{};
  for (std::size_t i = 0; i < 256; ++i) {
    const double cb = code(1, 127, i);
    const double cr = code(2, 127, i);
    tables.luma[i] = fixed(code(0, 255, i));
    tables.red[i] = fixed(cr * (2 - 2 * luma[0]));
    tables.blue[i] = fixed(cb * (2 - 2 * luma[2]));
    tables.green_cb[i] = fixed(-cb * luma[2] * (2 - 2 * luma[2]) / luma[1]);
    tables.green_cr[i] = fixed(-cr * luma[0] * (2 - 2 * luma[0]) / luma[1]);
  }
  return tables;
}

void TiffColour::convert(const Block& block, const Rect& part, Raster& out, std::int64_t x,
                         std::int64_t y) const {
  ByteVector line;
  if (separate_ || subsampled_) {
    line.resize(static_cast<std::size_t>(part.width) * pixel_samples_);
  }
  for (std::int64_t i = 0; i < part.height; ++i) {
    const std::uint8_t* in = gather(block, part.y + i, part, line);
    convert_row(in, part.width,
                out.row(y + i) + static_cast<std::size_t>(x) * format_.pixel_bytes());
  }
}

// The samples of part of a row, pixel by pixel: where they are, or put together in `line`.
const std::uint8_t* TiffColour::gather(const Block& block, std::int64_t row, const Rect& part,
                                       ByteVector& line) const {
  const std::int64_t y = row - block.first_row;
  const auto pixels = static_cast<std::size_t>(part.width);
  if (separate_) {
    for (std::size_t channel = 0; channel < pixel_samples_; ++channel) {
      const std::uint8_t* in = block.samples.data() + channel * block.plane_bytes +
                               static_cast<std::size_t>(y * block_width_ + part.x);
      for (std::size_t i = 0; i < pixels; ++i) line[i * pixel_samples_ + channel] = in[i];
    }
    return line.data();
  }
  if (!subsampled_) {
    return block.samples.data() +
           static_cast<std::size_t>(y * block_width_ + part.x) * pixel_samples_;
  }
  // A unit holds the luma of chroma_.width x chroma_.height pixels row by row, then Cb, then Cr.
  const std::int64_t unit_bytes = chroma_.area() + 2;
  const std::int64_t units_across = ceil_div(block_width_, chroma_.width);
  const std::uint8_t* units = block.samples.data() + y / chroma_.height * units_across * unit_bytes;
  std::uint8_t* out = line.data();
  for (std::int64_t x = part.x; x < part.right(); ++x, out += 3) {
    const std::uint8_t* unit = units + x / chroma_.width * unit_bytes;
    out[0] = unit[y % chroma_.height * chroma_.width + x % chroma_.width];
    out[1] = unit[chroma_.area()];
    out[2] = unit[chroma_.area() + 1];
  }
  return line.data();
}

void TiffColour::convert_row(const std::uint8_t* in, std::int64_t pixels, std::uint8_t* out) const {
  const std::size_t out_samples = format_.pixel_bytes();
  const std::size_t colours = out_samples - (format_.alpha ? 1 : 0);
  const auto count = static_cast<std::size_t>(pixels);
  if (is_copy()) {
    std::memcpy(out, in, count * out_samples);
    return;
  }
  for (std::size_t i = 0; i < count; ++i, in += pixel_samples_, out += out_samples) {
    switch (kind_) {
      case Kind::direct:
        for (std::size_t c = 0; c < colours; ++c) out[c] = in[c];
        break;
      case Kind::palette:
        std::copy(palette_[in[0]].begin(), palette_[in[0]].end(), out);
        break;
      case Kind::ycbcr:
        convert_ycbcr(in, out);
        break;
    }
    if (format_.alpha) out[colours] = in[alpha_at_];
    if (associated_) {
      for (std::size_t c = 0; c < colours; ++c) out[c] = divide_by_alpha(out[c], out[colours]);
    }
    if (inverted_) out[0] = static_cast<std::uint8_t>(255 - out[0]);
  }
}

void TiffColour::convert_ycbcr(const std::uint8_t* in, std::uint8_t* out) const {
  const std::int32_t luma = tables_.luma[in[0]];
  out[0] = from_fixed(luma + tables_.red[in[2]]);
  out[1] = from_fixed(luma + tables_.green_cb[in[1]] + tables_.green_cr[in[2]]);
  out[2] = from_fixed(luma + tables_.blue[in[1]]);
}

void TiffColour::fill_sparse(Raster& out, const Rect& area) const {
  const ByteVector zeros(pixel_samples_, 0);
  std::array<std::uint8_t, 4> pixel{};
  if (kind_ != Kind::ycbcr) convert_row(zeros.data(), 1, pixel.data());
  const std::size_t pixel_bytes = format_.pixel_bytes();
  for (std::int64_t y = area.y; y < area.bottom(); ++y) {
    std::uint8_t* at = out.row(y) + static_cast<std::size_t>(area.x) * pixel_bytes;
    for (std::int64_t x = 0; x < area.width; ++x, at += pixel_bytes) {
      std::copy_n(pixel.begin(), pixel_bytes, at);
    }
  }
}

}  // namespace iip

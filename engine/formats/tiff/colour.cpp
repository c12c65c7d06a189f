#include "engine/formats/tiff/colour.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <type_traits>

namespace iip {

namespace {

constexpr std::uint64_t kAssociated = 1;
constexpr std::uint64_t kUnassociated = 2;
constexpr std::uint64_t kMostExtraSamples = 32;
constexpr std::uint64_t kCmykInks = 1;
// What is gathered at a time of a row that is not in memory as it is wanted: it stays in the cache.
constexpr std::size_t kGatheredSamples = 8192;

// Calls `work` with a 0 of the C++ type.
template <class Work>
void with_type(SampleType type, Work work) {
  switch (type) {
    case SampleType::u8:
      return work(std::uint8_t{});
    case SampleType::u16:
      return work(std::uint16_t{});
    case SampleType::u32:
      return work(std::uint32_t{});
    case SampleType::f32:
      return work(0.0F);
  }
}

template <class T>
T freed_from_alpha(T colour, T alpha, T most) {
  if (alpha == 0) return 0;
  if constexpr (std::is_floating_point_v<T>) {
    return colour / alpha;
  } else {
    const std::uint64_t product = std::uint64_t{colour} * most + alpha / 2U;
    return static_cast<T>(std::min<std::uint64_t>(product / alpha, most));
  }
}

// XYZ of neutral light of equal energy to linear RGB with the primaries of Rec. 709, as LogLuv's
// author has it (G. Ward Larson, "LogLuv encoding for full-gamut, high-dynamic range images").
void xyz_to_rgb(const float* in, float* out) {
  const float x = in[0];
  const float y = in[1];
  const float z = in[2];
  out[0] = 2.690F * x - 1.276F * y - 0.414F * z;
  out[1] = -1.022F * x + 1.978F * y + 0.044F * z;
  out[2] = 0.061F * x - 0.224F * y + 1.163F * z;
}

}  // namespace

Result<TiffColour> TiffColour::of(const TiffDirectory& directory, const TiffImage& image) {
  TiffColour colour;
  colour.sample_ = image.sample;
  colour.format_.type = image.sample.type();
  if (Status status = colour.choose_colours(directory, image); !status) return pass_on(status);
  colour.separate_ = image.separate;
  colour.subsampled_ = image.is_subsampled();
  colour.chroma_ = image.chroma;
  colour.block_width_ = image.block.width;
  colour.row_bytes_ = image.decoded_bytes(1);
  colour.sort_channels(directory, image);
  if (colour.kind_ == Kind::palette && image.samples > 1 && image.sample.bits > 8) {
    const std::string what = "Palette images of more than 8 bits with extra channels";
    return fail(ErrorKind::unsupported, what + " are not served by this version", "TIFF: " + what);
  }
  return colour;
}

// Kind, model and type of the pixels.
Status TiffColour::choose_colours(const TiffDirectory& directory, const TiffImage& image) {
  const bool has_four_inks =
      directory.integer_or(TiffTag::ink_set, kCmykInks) == kCmykInks && image.samples >= 4;
  int stored_colours = 3;
  switch (image.photometric) {
    case TiffPhotometric::min_is_white:
    case TiffPhotometric::min_is_black:
    case TiffPhotometric::log_luminance:
      stored_colours = 1;
      inverted_ = image.photometric == TiffPhotometric::min_is_white && !image.sample.is_float();
      format_.model = ColourModel::grey;
      break;
    case TiffPhotometric::palette: {
      stored_colours = 1;
      kind_ = Kind::palette;
      format_.type = SampleType::u8;
      std::optional<TiffArray> map = directory.array(TiffTag::color_map);
      if (!map || map->count() != std::uint64_t{3} << static_cast<unsigned>(image.sample.bits)) {
        return damaged("TIFF: no usable colour map");
      }
      colour_map_ = std::move(*map);
      break;
    }
    case TiffPhotometric::inks:
      format_.model = has_four_inks ? ColourModel::cmyk : ColourModel::grey;
      stored_colours = format_.colours();
      break;
    case TiffPhotometric::ycbcr:
      if (image.decodes_to_rgb()) break;
      kind_ = Kind::ycbcr;
      ycbcr_ = TiffYcbcr::of(directory);
      break;
    case TiffPhotometric::cielab:
    case TiffPhotometric::icc_lab:
    case TiffPhotometric::itu_lab:
      kind_ = Kind::lab;
      format_.model = ColourModel::lab;
      format_.type = SampleType::f32;
      lab_ = TiffLab::of(directory, image);
      break;
    case TiffPhotometric::log_luv:
      kind_ = Kind::log_luv;
      break;
    case TiffPhotometric::rgb:
      break;
  }
  if (image.samples < stored_colours) {
    return damaged("TIFF: " + std::to_string(image.samples) +
                   " channels are too few for the colours");
  }
  channels_.resize(static_cast<std::size_t>(stored_colours));
  std::iota(channels_.begin(), channels_.end(), 0);
  return {};
}

// What the channels behind the colour are, and where each is in a gathered pixel.
void TiffColour::sort_channels(const TiffDirectory& directory, const TiffImage& image) {
  const std::vector<std::uint64_t> extra =
      directory.integers(TiffTag::extra_samples, kMostExtraSamples);
  const int colours = static_cast<int>(channels_.size());
  int alpha = 0;
  for (int channel = colours; channel < image.samples; ++channel) {
    const auto i = static_cast<std::size_t>(channel - colours);
    const bool is_alpha =
        i < extra.size() && (extra[i] == kAssociated || extra[i] == kUnassociated);
    if (is_alpha && !format_.alpha) {
      format_.alpha = true;
      alpha = channel;
      associated_ = extra[i] == kAssociated && !image.sample.is_signed() && kind_ != Kind::lab;
    } else {
      channels_.push_back(channel);
      ++format_.extra;
    }
  }
  if (format_.alpha) channels_.push_back(alpha);
  pixel_samples_ = channels_.size();
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    order_.push_back(separate_ ? i : static_cast<std::size_t>(channels_[i]));
    in_order_ = in_order_ && order_[i] == i;
  }
}

Status TiffColour::load_palette(const File& file) {
  if (kind_ != Kind::palette) return {};
  const Result<std::vector<std::uint64_t>> map = colour_map_.all(file);
  if (!map) return tl::unexpected(map.error());
  // Entries are 16 bits wide, but some writers store 8-bit values in them.
  const bool narrow =
      std::all_of(map->begin(), map->end(), [](std::uint64_t value) { return value < 256; });
  const std::size_t colours = map->size() / 3;
  palette_.resize(colours);
  for (std::size_t i = 0; i < colours; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::uint64_t value = std::min<std::uint64_t>((*map)[channel * colours + i], 65535);
      palette_[i][channel] = static_cast<std::uint8_t>(narrow ? value : (value + 128) / 257);
    }
  }
  return {};
}

void TiffColour::convert(const Block& block, const Rect& part, Raster& out, std::int64_t x,
                         std::int64_t y) const {
  with_type(sample_.type(),
            [&](auto sample) { convert_rows<decltype(sample)>(block, part, out, x, y); });
}

template <class In>
void TiffColour::convert_rows(const Block& block, const Rect& part, Raster& out, std::int64_t x,
                              std::int64_t y) const {
  const auto width = static_cast<std::size_t>(part.width);
  const bool as_it_lies = !separate_ && !subsampled_ && sample_.is_stored_as_is();
  const std::size_t most =
      as_it_lies ? width
                 : std::min(width, std::max<std::size_t>(1, kGatheredSamples / pixel_samples_));
  std::vector<In> line(as_it_lies ? 0 : most * pixel_samples_);
  for (std::int64_t i = 0; i < part.height; ++i) {
    std::uint8_t* to = out.row(y + i) + static_cast<std::size_t>(x) * format_.pixel_bytes();
    for (std::size_t done = 0; done < width; done += most) {
      const std::size_t pixels = std::min(most, width - done);
      const In* in =
          gather(block, part.y + i, part.x + static_cast<std::int64_t>(done), pixels, line);
      convert_pixels(in, pixels, to);
      to += pixels * format_.pixel_bytes();
    }
  }
}

// Pixels of a row of the block, their samples next to one another: where they are, or put together
// in `line`.
template <class In>
const In* TiffColour::gather(const Block& block, std::int64_t row, std::int64_t x,
                             std::size_t pixels, std::vector<In>& line) const {
  const std::uint8_t* samples = block.samples.data();
  const std::int64_t y = row - block.first_row;
  if constexpr (std::is_same_v<In, std::uint8_t>) {
    if (subsampled_) {
      gather_units(samples, y, x, pixels, line.data());
      return line.data();
    }
  }
  const std::uint8_t* at = samples + static_cast<std::uint64_t>(y) * row_bytes_;
  const auto first = static_cast<std::size_t>(x);
  if (separate_) {
    for (std::size_t i = 0; i < pixel_samples_; ++i, at += block.plane_bytes) {
      unpack({at, first, pixels}, &line[i], pixel_samples_);
    }
    return line.data();
  }
  // A decoded row begins at a whole number of its samples from the block, which is aligned.
  if (sample_.is_stored_as_is()) return reinterpret_cast<const In*>(at) + first * pixel_samples_;
  unpack({at, first * pixel_samples_, pixels * pixel_samples_}, line.data(), 1);
  return line.data();
}

// A unit holds the luma of chroma_.width x chroma_.height pixels row by row, then Cb, then Cr.
void TiffColour::gather_units(const std::uint8_t* samples, std::int64_t row, std::int64_t x,
                              std::size_t pixels, std::uint8_t* out) const {
  const std::int64_t unit_bytes = chroma_.area() + 2;
  const std::int64_t units_across = ceil_div(block_width_, chroma_.width);
  const std::uint8_t* units = samples + row / chroma_.height * units_across * unit_bytes;
  for (std::size_t i = 0; i < pixels; ++i, ++x, out += 3) {
    const std::uint8_t* unit = units + x / chroma_.width * unit_bytes;
    out[0] = unit[row % chroma_.height * chroma_.width + x % chroma_.width];
    out[1] = unit[chroma_.area()];
    out[2] = unit[chroma_.area() + 1];
  }
}

template <class In>
void TiffColour::unpack(const TiffPackedSamples& packed, In* out, std::size_t step) const {
  if constexpr (sizeof(In) <= 2) {
    if (kind_ == Kind::palette) return unpack_stored_integers(sample_.bits, packed, out, step);
  }
  unpack_samples(sample_, packed, out, step);
}

template <class In>
void TiffColour::convert_pixels(const In* in, std::size_t pixels, std::uint8_t* out) const {
  switch (kind_) {
    case Kind::direct:
      return convert_direct(in, pixels, reinterpret_cast<In*>(out));
    case Kind::palette:
      if constexpr (sizeof(In) <= 2) convert_palette(in, pixels, out);
      return;
    case Kind::ycbcr:
      if constexpr (std::is_same_v<In, std::uint8_t>) ycbcr_.convert(in, pixels, out);
      return;
    case Kind::lab:
      return convert_lab(in, pixels, reinterpret_cast<float*>(out));
    case Kind::log_luv:
      if constexpr (std::is_same_v<In, float>) {
        auto* rgb = reinterpret_cast<float*>(out);
        for (std::size_t i = 0; i < pixels; ++i) xyz_to_rgb(in + 3 * i, rgb + 3 * i);
      }
      return;
  }
}

template <class T>
void TiffColour::convert_direct(const T* in, std::size_t pixels, T* out) const {
  if (is_copy()) {
    std::memcpy(out, in, pixels * pixel_samples_ * sizeof(T));
    return;
  }
  const auto most = static_cast<T>(sample_.largest());
  if (pixel_samples_ == 1) {  // no copy: turned round
    for (std::size_t i = 0; i < pixels; ++i) out[i] = static_cast<T>(most - in[i]);
    return;
  }
  const auto colours = static_cast<std::size_t>(format_.colours());
  for (std::size_t i = 0; i < pixels; ++i, in += pixel_samples_, out += pixel_samples_) {
    for (std::size_t c = 0; c < pixel_samples_; ++c) out[c] = in[order_[c]];
    if (associated_) {
      const T alpha = out[pixel_samples_ - 1];
      for (std::size_t c = 0; c < colours; ++c) out[c] = freed_from_alpha(out[c], alpha, most);
    }
    if (inverted_) out[0] = static_cast<T>(most - out[0]);
  }
}

template <class In>
void TiffColour::convert_palette(const In* in, std::size_t pixels, std::uint8_t* out) const {
  const std::size_t channels = format_.pixel_bytes();
  for (std::size_t i = 0; i < pixels; ++i, in += pixel_samples_, out += channels) {
    const Rgb& colour = palette_[in[0]];
    for (std::size_t c = 1; c < pixel_samples_; ++c) {
      out[c + 2] = spread_over_byte(in[order_[c]], sample_.bits);
    }
    const std::uint8_t alpha = associated_ ? out[channels - 1] : 255;
    for (std::size_t c = 0; c < 3; ++c) {
      out[c] = freed_from_alpha<std::uint8_t>(colour[c], alpha, 255);
    }
  }
}

// Alpha becomes 0..1; further channels keep their numbers.
template <class In>
void TiffColour::convert_lab(const In* in, std::size_t pixels, float* out) const {
  const std::size_t last = pixel_samples_ - 1;
  const auto most = static_cast<double>(sample_.largest());
  for (std::size_t i = 0; i < pixels; ++i, in += pixel_samples_, out += pixel_samples_) {
    lab_.convert(in, out);
    for (std::size_t c = 3; c < pixel_samples_; ++c) {
      const auto number = static_cast<double>(in[order_[c]]);
      out[c] = static_cast<float>(format_.alpha && c == last ? number / most : number);
    }
  }
}

void TiffColour::fill_sparse(Raster& out, const Rect& area) const {
  const std::size_t pixel_bytes = format_.pixel_bytes();
  std::vector<std::uint32_t> pixel(pixel_bytes / sizeof(std::uint32_t) + 1);
  auto* bytes = reinterpret_cast<std::uint8_t*>(pixel.data());
  if (kind_ != Kind::ycbcr) {
    const ByteVector zeros(pixel_samples_ * sizeof(double), 0);
    with_type(sample_.type(), [&](auto sample) {
      std::vector<decltype(sample)> numbers(pixel_samples_);
      unpack({zeros.data(), 0, pixel_samples_}, numbers.data(), 1);
      convert_pixels(numbers.data(), 1, bytes);
    });
  }
  for (std::int64_t y = area.y; y < area.bottom(); ++y) {
    std::uint8_t* at = out.row(y) + static_cast<std::size_t>(area.x) * pixel_bytes;
    for (std::int64_t x = 0; x < area.width; ++x, at += pixel_bytes) {
      std::copy_n(bytes, pixel_bytes, at);
    }
  }
}

}  // namespace iip

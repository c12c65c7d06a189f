#include "engine/formats/tiff/depth.h"

#include <algorithm>
#include <string>
#include <vector>

namespace iip {

namespace {

constexpr std::uint64_t kMostSamples = 32;

tl::unexpected<Error> not_served(std::string what) {
  std::string detail = "TIFF: " + what;
  return fail(ErrorKind::unsupported, std::move(what), std::move(detail));
}

tl::unexpected<Error> not_served_at(std::uint64_t bits, const std::string& kind) {
  return not_served(std::to_string(bits) + "-bit" + kind +
                    " images are not served by this version");
}

bool is_lab(TiffPhotometric photometric) {
  return photometric == TiffPhotometric::cielab || photometric == TiffPhotometric::icc_lab ||
         photometric == TiffPhotometric::itu_lab;
}

Status read_depth(const TiffDirectory& directory, TiffImage& image) {
  const std::vector<std::uint64_t> bits =
      directory.integers(TiffTag::bits_per_sample, kMostSamples);
  const bool is_jpeg = image.compression == TiffCompression::jpeg;  // the old style leaves it out
  const std::uint64_t unstated = is_jpeg ? 8 : 1;
  const std::uint64_t depth = bits.empty() ? unstated : bits.front();
  const auto differs = [depth](std::uint64_t other) { return other != depth; };
  if (std::any_of(bits.begin(), bits.end(), differs)) {
    return not_served("Images with channels of different depths are not served by this version");
  }
  if (depth == 0 || depth > 64) return not_served_at(depth, "");
  image.sample.bits = static_cast<int>(depth);
  return {};
}

// Tag SampleFormat. 1 is unsigned, 4 "undefined", which is read as unsigned too. Colours whose
// numbers are defined bit by bit are unsigned, also where a* and b* are called signed.
Status read_sample_kind(const TiffDirectory& directory, TiffImage& image) {
  constexpr std::uint64_t kSigned = 2;
  constexpr std::uint64_t kFloat = 3;
  const std::vector<std::uint64_t> formats =
      directory.integers(TiffTag::sample_format, kMostSamples);
  const bool by_bits = is_lab(image.photometric) || image.photometric == TiffPhotometric::palette ||
                       image.photometric == TiffPhotometric::ycbcr;
  const auto kind_of = [by_bits](std::uint64_t format) {
    if (format == kFloat) return TiffSampleFormat::Kind::floating;
    return format == kSigned && !by_bits ? TiffSampleFormat::Kind::signed_integer
                                         : TiffSampleFormat::Kind::unsigned_integer;
  };
  for (const std::uint64_t format : formats) {
    if (format == 5 || format == 6) {
      return not_served("Images of complex numbers are not served by this version");
    }
    if (format == 0 || format > 6) {
      return not_served("TIFF sample format " + std::to_string(format) +
                        " is not served by this version");
    }
    if (kind_of(format) != kind_of(formats.front())) {
      return not_served("Images with channels of different types are not served by this version");
    }
  }
  if (!formats.empty()) image.sample.kind = kind_of(formats.front());
  return {};
}

Status check_depth(const TiffImage& image) {
  const int bits = image.sample.bits;
  const auto depth = static_cast<std::uint64_t>(bits);
  if (image.sample.is_float()) {
    if (bits == 16 || bits == 24 || bits == 32 || bits == 64) return {};
    return not_served_at(depth, " floating-point");
  }
  if (image.sample.is_signed() && bits < 8) return not_served_at(depth, " signed");
  return bits <= 16 || bits == 24 || bits == 32 ? Status{} : not_served_at(depth, "");
}

// Depths that the colour space is not defined for, or not read in.
Status check_colour_depth(const TiffImage& image) {
  const int bits = image.sample.bits;
  const auto depth = static_cast<std::uint64_t>(bits);
  switch (image.photometric) {
    case TiffPhotometric::palette:
      if (image.sample.is_float() || bits > 16) return not_served_at(depth, " palette");
      return {};
    case TiffPhotometric::ycbcr:
      if (image.sample.is_float() || bits != 8) return not_served_at(depth, " YCbCr");
      return {};
    case TiffPhotometric::inks:
      if (image.sample.type() == SampleType::u8 || image.sample.type() == SampleType::u16) {
        return {};
      }
      return not_served_at(depth, " CMYK");
    case TiffPhotometric::cielab:
    case TiffPhotometric::icc_lab:
    case TiffPhotometric::itu_lab:
      return image.sample.is_float() || bits == 8 || bits == 16 ? Status{}
                                                                : not_served_at(depth, " CIELAB");
    default:
      return {};
  }
}

// Depths that the codec does not know.
Status check_codec_depth(const TiffImage& image) {
  const TiffSampleFormat& sample = image.sample;
  const bool bytes = sample.bits == 8 && !sample.is_float();
  const bool one_channel = image.samples == 1 || image.separate;
  bool known = true;
  switch (image.compression) {
    case TiffCompression::fax_runs:
    case TiffCompression::fax_word_runs:
    case TiffCompression::fax_group_3:
    case TiffCompression::fax_group_4:
    case TiffCompression::jbig:
      known = sample.bits == 1 && one_channel;
      break;
    case TiffCompression::next:
      known = sample.bits == 2 && one_channel;
      break;
    case TiffCompression::thunder_scan:
      known = sample.bits == 4 && one_channel;
      break;
    case TiffCompression::jpeg:
    case TiffCompression::webp:
      known = bytes;
      break;
    case TiffCompression::pixar_log:
      known = bytes || (sample.bits == 16 && !sample.is_float()) ||
              (sample.bits == 32 && sample.is_float());
      break;
    case TiffCompression::lerc:
      known = sample.bits == 8 || (sample.bits == 16 && !sample.is_float()) || sample.bits == 32 ||
              sample.bits == 64;
      break;
    default:
      break;
  }
  if (known) return {};
  return not_served("TIFF compression " +
                    std::to_string(static_cast<std::uint16_t>(image.compression)) + " of " +
                    std::to_string(sample.bits) + "-bit images is not served by this version");
}

bool has_log_samples(const TiffImage& image) {
  return image.photometric == TiffPhotometric::log_luminance ||
         image.photometric == TiffPhotometric::log_luv;
}

// The logarithms of luminance and the codec that makes floats of them are defined for each other.
Status read_log_samples(TiffImage& image) {
  const bool by_codec = image.compression == TiffCompression::sgi_log ||
                        image.compression == TiffCompression::sgi_log_24;
  const int samples = image.photometric == TiffPhotometric::log_luv ? 3 : 1;
  if (by_codec != has_log_samples(image) || image.samples != samples || image.separate) {
    return not_served("TIFF with logarithmic samples of this kind is not served by this version");
  }
  image.sample = {32, TiffSampleFormat::Kind::floating};
  return {};
}

Status read_predictor(const TiffDirectory& directory, TiffImage& image) {
  switch (image.compression) {
    case TiffCompression::lzw:
    case TiffCompression::deflate:
    case TiffCompression::deflate_old:
    case TiffCompression::lzma:
    case TiffCompression::zstd:
      break;
    default:
      return {};  // the tag means nothing for other codecs
  }
  const std::uint64_t predictor = directory.integer_or(TiffTag::predictor, 1);
  const int bits = image.sample.bits;
  const bool fits = predictor == 1 ||
                    (predictor == 2 && (bits == 8 || bits == 16 || bits == 32 || bits == 64)) ||
                    (predictor == 3 && image.sample.is_float());
  if (!fits) {
    return not_served("TIFF predictor " + std::to_string(predictor) + " of " +
                      std::to_string(bits) + "-bit images is not served by this version");
  }
  image.predictor = static_cast<int>(predictor);
  return {};
}

}  // namespace

Status read_tiff_depth(const TiffDirectory& directory, TiffImage& image) {
  if (Status status = read_depth(directory, image); !status) return status;
  if (Status status = read_sample_kind(directory, image); !status) return status;
  if (has_log_samples(image) || image.compression == TiffCompression::sgi_log ||
      image.compression == TiffCompression::sgi_log_24) {
    return read_log_samples(image);
  }
  for (const auto check : {check_depth, check_colour_depth, check_codec_depth}) {
    if (Status status = check(image); !status) return status;
  }
  return read_predictor(directory, image);
}

}  // namespace iip

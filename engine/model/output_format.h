// The formats that pictures are encoded as, and how each encoder is to be set. Value types; the
// functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/hash.h"

namespace iip {

enum class Format : std::uint8_t { jpeg, png, webp, avif, tiff };

constexpr std::string_view media_type(Format format) {
  switch (format) {
    case Format::png:
      return "image/png";
    case Format::webp:
      return "image/webp";
    case Format::avif:
      return "image/avif";
    case Format::tiff:
      return "image/tiff";
    default:
      return "image/jpeg";
  }
}

// Without the dot.
constexpr std::string_view extension_of(Format format) {
  switch (format) {
    case Format::png:
      return "png";
    case Format::webp:
      return "webp";
    case Format::avif:
      return "avif";
    case Format::tiff:
      return "tif";
    default:
      return "jpg";
  }
}

// How the pixels of a TIFF are compressed.
enum class TiffScheme : std::uint8_t { none, lzw, deflate, jpeg, webp, zstd };

// What each scheme's quality is where nobody asks for another: fast for the lossless ones.
constexpr int usual_quality(TiffScheme scheme) {
  return scheme == TiffScheme::jpeg ? 75 : scheme == TiffScheme::webp ? 50 : 1;
}

// The least and the most that Encoding::quality may be.
struct QualityRange {
  int least;
  int most;
};

constexpr QualityRange quality_range(Format format, TiffScheme scheme) {
  switch (format) {
    case Format::png:
      return {0, 9};
    case Format::webp:
    case Format::avif:
      return {-1, 100};
    case Format::tiff:
      return scheme == TiffScheme::jpeg || scheme == TiffScheme::webp ? QualityRange{1, 100}
             : scheme == TiffScheme::zstd                             ? QualityRange{1, 19}
                                                                      : QualityRange{0, 9};
    default:
      return {1, 100};
  }
}

// Is Encoding::quality how hard the encoder tries to write the same pixels in fewer bytes?
constexpr bool is_effort(Format format, TiffScheme scheme) {
  const bool by_level = scheme == TiffScheme::deflate || scheme == TiffScheme::zstd;
  return format == Format::png || (format == Format::tiff && by_level);
}

enum class AvifCodec : std::uint8_t { any, aom, rav1e, svt };

struct Encoding {
  Format format = Format::jpeg;
  // JPEG 1 to 100; PNG 0 to 9, zlib's level; WebP and AVIF 0 to 100, -1 for lossless; TIFF: of its
  // scheme, a zlib level 0 to 9, a zstd level 1 to 19, or 1 to 100 for JPEG and WebP.
  int quality = 75;
  TiffScheme tiff_scheme = TiffScheme::deflate;  // for TIFF only
  AvifCodec avif_codec = AvifCodec::any;         // for AVIF only
  bool optimise = false;                         // for JPEG only: Huffman tables of its own
  // Bits of a sample: 8; 16 for PNG and TIFF of sources of more than 8 bits; 32, which is float,
  // for TIFF of float sources.
  int bits = 8;

  // What does not matter to the format is left out.
  void add_to(Hasher& hasher) const;
};

}  // namespace iip

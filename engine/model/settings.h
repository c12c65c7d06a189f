// What an administrator sets, as plain values. The adaptor fills one Settings a request from the
// directives in force for it; the engine reads it and nothing else. Text is borrowed from the
// configuration, which outlives the request. Not changed while requests read it, so for any number
// of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/model/output_format.h"
#include "engine/model/watermarking.h"

namespace iip {

enum class Interpolation : std::uint8_t { nearest, bilinear, bicubic, lanczos };

// What becomes of colours that are stated by a profile: they are sent as they are, with the
// profile, or converted.
enum class ColourPolicy : std::uint8_t { keep, srgb };

struct Settings {
  // Output.
  int jpeg_quality = 75;            // 1 to 100
  int png_quality = 1;              // zlib level, 0 to 9
  int webp_quality = 50;            // 0 to 100; -1: lossless
  int avif_quality = 50;            // 0 to 100; -1: lossless
  std::optional<int> tiff_quality;  // of tiff_scheme, see Encoding; nullopt: the usual one
  bool jpeg_optimise = false;
  AvifCodec avif_codec = AvifCodec::any;
  TiffScheme tiff_scheme = TiffScheme::deflate;
  ColourPolicy colour = ColourPolicy::keep;
  Watermarking watermarking;
  std::uint32_t max_cvt = 5000;  // longest side of a region, in pixels
  bool allow_upscaling = true;
  Interpolation interpolation = Interpolation::bicubic;
  bool codec_passthrough = true;
  // How many quality layers of JPEG 2000 are decoded. Above 0: at most so many; 0: as many as the
  // request asks for, else half of them; below 0: as many as it asks for, else all.
  int max_layers = 0;
  std::uint64_t max_icc = 65536;  // bytes; a larger profile is left out
  std::string_view copyright;     // used where an image has no rights of its own

  // IIIF.
  int iiif_version = 3;              // 2 or 3
  bool iiif_extensions = false;      // further qualities, and processing in the query
  std::string_view iiif_extra_info;  // members of a JSON object; checked when set

  // Sources.
  std::uint64_t max_source_pixels = std::uint64_t{1} << 38;
  std::uint32_t render_timeout = 30;  // seconds for one picture; 0: no limit

  // All that may change the bytes of an answer.
  void add_to(Hasher& hasher) const;
};

}  // namespace iip

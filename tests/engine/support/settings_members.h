// All members of what is set or asked for, for each_change(), and values that have something in
// each of their parts.
#pragma once

#include "engine/model/processing.h"
#include "engine/model/settings.h"
#include "support/each_change.h"

namespace iip {

inline auto members_of(Watermarking& watermarking) {
  auto& [mark, version, probability, opacity] = watermarking;
  return std::tie(mark, version, probability, opacity);
}

inline auto members_of(Encoding& encoding) {
  auto& [format, quality, tiff_scheme, avif_codec, optimise, bits] = encoding;
  return std::tie(format, quality, tiff_scheme, avif_codec, optimise, bits);
}

inline auto members_of(Settings& settings) {
  auto& [jpeg_quality, png_quality, webp_quality, avif_quality, tiff_quality, jpeg_optimise,
         avif_codec, tiff_scheme, colour, watermarking, max_cvt, allow_upscaling, interpolation,
         codec_passthrough, max_layers, max_icc, copyright, iiif_version, iiif_extensions,
         iiif_extra_info, max_source_pixels, render_timeout] = settings;
  return std::tie(jpeg_quality, png_quality, webp_quality, avif_quality, tiff_quality,
                  jpeg_optimise, avif_codec, tiff_scheme, colour, watermarking, max_cvt,
                  allow_upscaling, interpolation, codec_passthrough, max_layers, max_icc, copyright,
                  iiif_version, iiif_extensions, iiif_extra_info, max_source_pixels,
                  render_timeout);
}

inline auto members_of(ChannelRange& range) {
  auto& [channel, min, max] = range;
  return std::tie(channel, min, max);
}

inline auto members_of(Hillshade& hillshade) {
  auto& [azimuth, elevation] = hillshade;
  return std::tie(azimuth, elevation);
}

inline auto members_of(Kernel& kernel) {
  auto& [side, weights] = kernel;
  return std::tie(side, weights);
}

inline auto members_of(Processing& processing) {
  auto& [ranges, spread, hillshade, twist, gamma, logarithm, invert, map, kernel, contrast] =
      processing;
  return std::tie(ranges, spread, hillshade, twist, gamma, logarithm, invert, map, kernel,
                  contrast);
}

// The marks are told apart by their version; nobody looks at what the pointer leads to.
inline Watermarking some_watermarking() {
  static const int kSomething = 0;
  Watermarking watermarking;
  watermarking.mark = reinterpret_cast<const Watermark*>(&kSomething);
  watermarking.version = {3, 4};
  watermarking.probability = 0.5;
  watermarking.opacity = 0.5;
  return watermarking;
}

inline Processing some_processing() {
  Processing processing;
  processing.ranges = {{std::nullopt, 0, 1}, {1, 2, 3}};
  processing.hillshade = Hillshade{10, 20};
  processing.twist = {{1, 2}, {3}};
  processing.kernel = Kernel{3, {}};
  return processing;
}

}  // namespace iip

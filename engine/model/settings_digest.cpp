// What settings, encodings and watermarks add to a digest.
//
// Each is taken apart into all its members, so that one which is added there does not compile here
// until it is known what it does to the digest.
#include "engine/model/output_format.h"
#include "engine/model/settings.h"
#include "engine/model/watermarking.h"

namespace iip {

namespace {

void add(Hasher& hasher, const Encoding& encoding) {
  const auto& [format, quality, tiff_scheme, avif_codec, optimise, bits] = encoding;
  hasher.add(static_cast<int>(format));
  hasher.add(quality);
  if (format == Format::jpeg) hasher.add(optimise);
  if (format == Format::tiff) hasher.add(static_cast<int>(tiff_scheme));
  if (format == Format::avif) hasher.add(static_cast<int>(avif_codec));
  hasher.add(bits);
}

// The mark is named by the version of its file.
void add(Hasher& hasher, const Watermarking& watermarking) {
  const auto& [mark, version, probability, opacity] = watermarking;
  const bool shows = mark != nullptr && watermarking.shows();
  hasher.add(shows);
  if (!shows) return;
  hasher.add(version);
  hasher.add(probability);
  hasher.add(opacity);
}

// Left out is what decides whether there is an answer, not how it looks: max_source_pixels and
// render_timeout.
void add(Hasher& hasher, const Settings& settings) {
  const auto& [jpeg_quality, png_quality, webp_quality, avif_quality, tiff_quality, jpeg_optimise,
               avif_codec, tiff_scheme, colour, watermarking, max_cvt, allow_upscaling,
               interpolation, codec_passthrough, max_layers, max_icc, copyright, iiif_version,
               iiif_extensions, iiif_extra_info, max_source_pixels, render_timeout] = settings;
  for (const int quality : {jpeg_quality, png_quality, webp_quality, avif_quality}) {
    hasher.add(quality);
  }
  hasher.add(tiff_quality.has_value());
  hasher.add(tiff_quality.value_or(0));
  hasher.add(jpeg_optimise);
  hasher.add(static_cast<int>(avif_codec));
  hasher.add(static_cast<int>(tiff_scheme));
  hasher.add(static_cast<int>(colour));
  watermarking.add_to(hasher);
  hasher.add(max_cvt);
  hasher.add(allow_upscaling);
  hasher.add(static_cast<int>(interpolation));
  hasher.add(codec_passthrough);
  hasher.add(max_layers);
  hasher.add(max_icc);
  hasher.add(copyright);
  hasher.add(iiif_version);
  hasher.add(iiif_extensions);
  hasher.add(iiif_extra_info);
}

}  // namespace

void Encoding::add_to(Hasher& hasher) const { add(hasher, *this); }
void Watermarking::add_to(Hasher& hasher) const { add(hasher, *this); }
void Settings::add_to(Hasher& hasher) const { add(hasher, *this); }

}  // namespace iip

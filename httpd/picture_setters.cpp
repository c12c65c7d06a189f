#include "httpd/picture_setters.h"

#include "httpd/setter.h"

namespace iip {

const char* set_interpolation(cmd_parms* cmd, void* dir, const char* value) {
  constexpr NamedChoice<Interpolation> kKernels[] = {{"nearest", Interpolation::nearest},
                                                     {"bilinear", Interpolation::bilinear},
                                                     {"bicubic", Interpolation::bicubic},
                                                     {"lanczos", Interpolation::lanczos}};
  const auto kernel = choose(kKernels, value);
  if (!kernel) return complain(cmd, value, "one of nearest, bilinear, bicubic, lanczos");
  static_cast<DirConfig*>(dir)->interpolation = kernel;
  return nullptr;
}

const char* set_colour(cmd_parms* cmd, void* dir, const char* value) {
  constexpr NamedChoice<ColourPolicy> kPolicies[] = {{"keep", ColourPolicy::keep},
                                                     {"sRGB", ColourPolicy::srgb}};
  const auto policy = choose(kPolicies, value);
  if (!policy) return complain(cmd, value, "keep or sRGB");
  static_cast<DirConfig*>(dir)->colour = policy;
  return nullptr;
}

// The numbers are those of iipsrv.
const char* set_avif_codec(cmd_parms* cmd, void* dir, const char* value) {
  constexpr NamedChoice<AvifCodec> kCodecs[] = {
      {"auto", AvifCodec::any}, {"aom", AvifCodec::aom}, {"rav1e", AvifCodec::rav1e},
      {"svt", AvifCodec::svt},  {"0", AvifCodec::any},   {"1", AvifCodec::aom},
      {"2", AvifCodec::rav1e},  {"3", AvifCodec::svt}};
  const auto codec = choose(kCodecs, value);
  if (!codec) return complain(cmd, value, "one of auto, aom, rav1e, svt");
  static_cast<DirConfig*>(dir)->avif_codec = codec;
  return nullptr;
}

// The numbers are those of iipsrv.
const char* set_tiff_compression(cmd_parms* cmd, void* dir, const char* value) {
  constexpr NamedChoice<TiffScheme> kSchemes[] = {
      {"none", TiffScheme::none}, {"lzw", TiffScheme::lzw},   {"deflate", TiffScheme::deflate},
      {"jpeg", TiffScheme::jpeg}, {"webp", TiffScheme::webp}, {"zstd", TiffScheme::zstd},
      {"0", TiffScheme::none},    {"1", TiffScheme::lzw},     {"2", TiffScheme::deflate},
      {"3", TiffScheme::jpeg},    {"4", TiffScheme::webp},    {"5", TiffScheme::zstd}};
  const auto scheme = choose(kSchemes, value);
  if (!scheme) return complain(cmd, value, "one of none, lzw, deflate, jpeg, webp, zstd");
  static_cast<DirConfig*>(dir)->tiff_scheme = scheme;
  return nullptr;
}

}  // namespace iip

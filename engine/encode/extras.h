// What of PictureExtras a picture can really carry. A value type; the functions keep nothing and
// are for any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/encode/picture_extras.h"

namespace iip {

// Does the profile describe colours of this model? Decoders reject or ignore an RGB profile in a
// grey picture, which is what a request for greys makes of an RGB image.
bool profile_fits(ByteSpan icc_profile, ColourModel model);

// The density as JFIF states it: whole pixels per inch or centimetre. nullopt where it has no unit
// or its numbers do not fit.
struct JfifDensity {
  std::uint8_t unit;  // 1: inch, 2: centimetre
  std::uint16_t x;
  std::uint16_t y;
};
std::optional<JfifDensity> jfif_density(const std::optional<Density>& density);

// JPEG carries a profile in APP2 segments, at most 255 of them with 65519 bytes each.
constexpr std::size_t kIccSegmentBytes = 65519;
constexpr std::size_t kMaxJpegIcc = 255 * kIccSegmentBytes;

}  // namespace iip

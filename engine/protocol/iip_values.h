// The values of IIP commands. nullopt: the text is not what the command takes. Value types; the
// functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/protocol/request.h"

namespace iip {

std::optional<std::int64_t> parse_iip_integer(std::string_view text);

// A width or height: scripts write fractions of a pixel, which are dropped.
std::optional<std::uint64_t> parse_iip_side(std::string_view text);

// "x,y,w,h" as fractions of the image, each held to 0..1. The inner nullopt is a list that has not
// four numbers or no area, which counts as no region at all.
std::optional<std::optional<FractionRegion>> parse_iip_region(std::string_view text);

// "n", or "scheme:n" for a TIFF of that compression (none, lzw, deflate, jpeg, webp, zstd; another
// name is none).
struct IipQuality {
  std::int64_t level = 0;
  std::optional<TiffScheme> scheme;
};
std::optional<IipQuality> parse_iip_quality(std::string_view text);
// Within the encoder's range; for a TIFF of a scheme that is not known yet 0 to 100.
int clamp_quality(const IipQuality& quality, Format format);

// "8", "16" or "32": the bits of a sample.
std::optional<int> parse_iip_bits(std::string_view text);

struct IipRotation {
  bool mirror = false;
  double degrees = 0;  // 0 <= degrees < 360
};
std::optional<IipRotation> parse_iip_rotation(std::string_view text);

// "horizontal" or "horizontal,vertical"
std::optional<View> parse_iip_view(std::string_view text);

// "resolution,tile"
std::optional<NativeTile> parse_iip_tile(std::string_view text);
// "horizontal,resolution,tile,vertical"
struct IipViewTile {
  View view;
  NativeTile tile;
};
std::optional<IipViewTile> parse_iip_view_tile(std::string_view text);
// "resolution,first[-last][,subimage]"
std::optional<TileBlockRequest> parse_iip_tile_block(std::string_view text);
// "resolution,tile,x,y"
std::optional<SpectrumRequest> parse_iip_spectrum(std::string_view text);
// "resolution:x1,y1[-x2,y2]"
std::optional<ProfileRequest> parse_iip_profile(std::string_view text);

}  // namespace iip

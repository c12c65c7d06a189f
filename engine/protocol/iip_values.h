// The values of IIP commands. nullopt: the text is not what the command takes.
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

// "n", or "codec:n". The codec is a matter of TIFF output.
std::optional<std::int64_t> parse_iip_quality(std::string_view text);
int clamp_quality(std::int64_t quality, Format format);

struct IipRotation {
  bool mirror = false;
  double degrees = 0;  // 0 <= degrees < 360
};
std::optional<IipRotation> parse_iip_rotation(std::string_view text);

// The factor of CNT or the exponent of GAM: a number, or the name of a curve.
enum class IipFactor : std::uint8_t { neutral, number, curve };
std::optional<IipFactor> parse_iip_factor(std::string_view text);

// The angles of a view of an object. A single picture has one view, written 0,90 or 0,0.
struct IipView {
  std::int64_t horizontal = 0;
  std::int64_t vertical = 90;
  bool is_only_view() const { return horizontal == 0 && (vertical == 0 || vertical == 90); }
};
std::optional<IipView> parse_iip_view(std::string_view text);

// "resolution,tile"
std::optional<NativeTile> parse_iip_tile(std::string_view text);
// "horizontal,resolution,tile,vertical"
struct IipViewTile {
  IipView view;
  NativeTile tile;
};
std::optional<IipViewTile> parse_iip_view_tile(std::string_view text);
// "resolution,first[-last][,subimage]"
std::optional<TileBlockRequest> parse_iip_tile_block(std::string_view text);

}  // namespace iip

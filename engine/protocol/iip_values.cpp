#include "engine/protocol/iip_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/protocol/number_list.h"

namespace iip {

std::optional<std::int64_t> parse_iip_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto magnitude = parse_unsigned(text);
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!magnitude || *magnitude > kMax) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*magnitude);
  return negative ? -value : value;
}

std::optional<std::uint64_t> parse_iip_side(std::string_view text) {
  if (!parse_decimal(text)) return std::nullopt;
  const std::string_view whole = take_until(text, '.');
  return whole.empty() ? std::uint64_t{0} : parse_unsigned(whole);
}

std::optional<std::optional<FractionRegion>> parse_iip_region(std::string_view text) {
  if (count_list_items(text) != 4) return std::optional<FractionRegion>();
  const auto numbers = parse_list<4>(text, parse_signed_decimal);
  if (!numbers) return std::nullopt;
  const auto fraction = [&](std::size_t i) { return std::clamp((*numbers)[i], 0.0, 1.0); };
  const FractionRegion region{fraction(0), fraction(1), fraction(2), fraction(3)};
  if (region.width == 0 || region.height == 0) return std::optional<FractionRegion>();
  return std::optional(region);
}

std::optional<std::int64_t> parse_iip_quality(std::string_view text) {
  const std::size_t colon = text.find(':');
  return parse_iip_integer(colon == std::string_view::npos ? text : text.substr(colon + 1));
}

int clamp_quality(std::int64_t quality, Format format) {
  const std::int64_t least = format == Format::jpeg ? 1 : 0;
  const std::int64_t most = format == Format::jpeg ? 100 : 9;
  return static_cast<int>(std::clamp(quality, least, most));
}

std::optional<IipRotation> parse_iip_rotation(std::string_view text) {
  IipRotation rotation;
  rotation.mirror = text.starts_with('!');
  if (rotation.mirror) text.remove_prefix(1);
  const auto degrees = parse_signed_decimal(text);
  if (!degrees) return std::nullopt;
  const double turned = std::fmod(*degrees, 360);
  const double positive = turned < 0 ? turned + 360 : turned;
  // A tiny negative angle is rounded to 360, and -0 is not to be told from 0.
  rotation.degrees = positive == 360 || positive == 0 ? 0 : positive;
  return rotation;
}

std::optional<IipFactor> parse_iip_factor(std::string_view text) {
  constexpr std::array<std::string_view, 6> kCurves = {"eq",      "equalization", "st",
                                                       "stretch", "log",          "logarithm"};
  const bool is_curve = std::any_of(kCurves.begin(), kCurves.end(), [=](std::string_view name) {
    return equal_ignoring_case(text, name);
  });
  if (is_curve) return IipFactor::curve;
  const auto number = parse_signed_decimal(text);
  if (!number) return std::nullopt;
  return *number == 1 ? IipFactor::neutral : IipFactor::number;
}

std::optional<IipView> parse_iip_view(std::string_view text) {
  if (const auto horizontal = parse_iip_integer(text)) return IipView{*horizontal, 0};
  const auto angles = parse_list<2>(text, parse_iip_integer);
  if (!angles) return std::nullopt;
  return IipView{(*angles)[0], (*angles)[1]};
}

std::optional<NativeTile> parse_iip_tile(std::string_view text) {
  const auto numbers = parse_list<2>(text, parse_unsigned);
  if (!numbers) return std::nullopt;
  return NativeTile{(*numbers)[0], (*numbers)[1]};
}

std::optional<IipViewTile> parse_iip_view_tile(std::string_view text) {
  if (count_list_items(text) != 4) return std::nullopt;
  const auto horizontal = parse_iip_integer(take_until(text, ','));
  const auto resolution = parse_unsigned(take_until(text, ','));
  const auto index = parse_unsigned(take_until(text, ','));
  const auto vertical = parse_iip_integer(text);
  if (!horizontal || !resolution || !index || !vertical) return std::nullopt;
  return IipViewTile{{*horizontal, *vertical}, {*resolution, *index}};
}

std::optional<TileBlockRequest> parse_iip_tile_block(std::string_view text) {
  if (count_list_items(text) < 2 || count_list_items(text) > 3) return std::nullopt;
  const auto resolution = parse_unsigned(take_until(text, ','));
  std::string_view range = take_until(text, ',');
  const bool has_subimage = !text.empty();
  if (has_subimage && !parse_unsigned(text)) return std::nullopt;
  const bool has_last = range.find('-') != std::string_view::npos;
  const auto first = parse_unsigned(take_until(range, '-'));
  const auto last = has_last ? parse_unsigned(range) : first;
  if (!resolution || !first || !last) return std::nullopt;
  return TileBlockRequest{*resolution, *first, std::max(*first, *last)};
}

}  // namespace iip

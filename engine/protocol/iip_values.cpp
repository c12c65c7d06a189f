#include "engine/protocol/iip_values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/angle.h"
#include "engine/protocol/number_list.h"

namespace iip {

namespace {

TiffScheme tiff_scheme_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, TiffScheme>, 5> kSchemes = {{
      {"lzw", TiffScheme::lzw},
      {"deflate", TiffScheme::deflate},
      {"jpeg", TiffScheme::jpeg},
      {"webp", TiffScheme::webp},
      {"zstd", TiffScheme::zstd},
  }};
  for (const auto& [known, scheme] : kSchemes) {
    if (equal_ignoring_case(name, known)) return scheme;
  }
  return TiffScheme::none;
}

}  // namespace

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

std::optional<IipQuality> parse_iip_quality(std::string_view text) {
  IipQuality quality;
  if (text.find(':') != std::string_view::npos) {
    quality.scheme = tiff_scheme_named(take_until(text, ':'));
  }
  const auto level = parse_iip_integer(text);
  if (!level) return std::nullopt;
  quality.level = *level;
  return quality;
}

int clamp_quality(const IipQuality& quality, Format format) {
  const bool is_open = format == Format::tiff && !quality.scheme;
  const QualityRange range = is_open
                                 ? QualityRange{0, 100}
                                 : quality_range(format, quality.scheme.value_or(TiffScheme::none));
  return static_cast<int>(std::clamp<std::int64_t>(quality.level, range.least, range.most));
}

std::optional<int> parse_iip_bits(std::string_view text) {
  const std::uint64_t bits = parse_unsigned(text).value_or(0);
  if (bits != 8 && bits != 16 && bits != 32) return std::nullopt;
  return static_cast<int>(bits);
}

std::optional<IipRotation> parse_iip_rotation(std::string_view text) {
  IipRotation rotation;
  rotation.mirror = text.starts_with('!');
  if (rotation.mirror) text.remove_prefix(1);
  const auto degrees = parse_signed_decimal(text);
  if (!degrees) return std::nullopt;
  rotation.degrees = within_full_turn(*degrees);
  return rotation;
}

std::optional<View> parse_iip_view(std::string_view text) {
  if (const auto horizontal = parse_iip_integer(text)) return View{*horizontal, 0};
  const auto angles = parse_list<2>(text, parse_iip_integer);
  if (!angles) return std::nullopt;
  return View{(*angles)[0], (*angles)[1]};
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

std::optional<SpectrumRequest> parse_iip_spectrum(std::string_view text) {
  const auto numbers = parse_list<4>(text, parse_unsigned);
  if (!numbers) return std::nullopt;
  const auto [resolution, tile, x, y] = *numbers;
  return SpectrumRequest{{resolution, tile}, x, y};
}

std::optional<ProfileRequest> parse_iip_profile(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return std::nullopt;
  const auto resolution = parse_unsigned(take_until(text, ':'));
  const bool has_end = text.find('-') != std::string_view::npos;
  const auto start = parse_list<2>(take_until(text, '-'), parse_unsigned);
  const auto end = has_end ? parse_list<2>(text, parse_unsigned) : start;
  if (!resolution || !start || !end) return std::nullopt;
  return ProfileRequest{*resolution, (*start)[0], (*start)[1], (*end)[0], (*end)[1]};
}

}  // namespace iip

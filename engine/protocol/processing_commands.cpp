#include "engine/protocol/processing_commands.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/protocol/angle.h"
#include "engine/protocol/kernel.h"
#include "engine/protocol/number_list.h"

namespace iip {

namespace {

// Differences and products of such values are finite as floats.
constexpr double kLargestValue = 1e30;
constexpr double kLargestExponent = 1000;
constexpr std::uint64_t kMostChannels = 65535;  // that a TIFF can have
constexpr std::size_t kMostTwistRows = 16;
constexpr std::size_t kMostTwistColumns = 256;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [=](std::string_view name) { return equal_ignoring_case(text, name); });
}

std::optional<double> parse_value(std::string_view text) {
  const auto number = parse_signed_decimal(text);
  if (!number) return std::nullopt;
  return std::clamp(*number, -kLargestValue, kLargestValue) + 0.0;  // -0 becomes 0
}

// A channel that no image has leaves all as it is.
bool set_range(Processing& processing, std::string_view value) {
  if (value.find(':') == std::string_view::npos) return false;
  const std::string_view channel = take_until(value, ':');
  const auto number = parse_unsigned(channel);
  const auto limits = parse_list<2>(value, parse_value);
  if (!limits || (!number && channel != "-")) return false;
  if (number && *number >= kMostChannels) return true;
  ChannelRange range{{}, (*limits)[0], (*limits)[1]};
  if (number) range.channel = static_cast<int>(*number);
  processing.ranges.push_back(range);
  return true;
}

bool set_contrast(Processing& processing, std::string_view value) {
  const auto factor = parse_value(value);
  processing.contrast = 1;
  processing.spread = Spread::as_is;
  if (is_one_of(value, {"eq", "equalization"})) {
    processing.spread = Spread::equalise;
  } else if (is_one_of(value, {"st", "stretch"}) || factor == -1) {
    processing.spread = Spread::stretch;
  } else if (factor) {
    processing.contrast = std::max(*factor, 0.0);
  } else {
    return false;
  }
  return true;
}

// Without two numbers it is no light.
bool set_hillshade(Processing& processing, std::string_view value) {
  if (count_list_items(value) != 2) return true;
  const auto angles = parse_list<2>(value, parse_signed_decimal);
  if (!angles) return false;
  processing.hillshade =
      Hillshade{within_full_turn((*angles)[0]), std::clamp((*angles)[1], -90.0, 90.0) + 0.0};
  return true;
}

std::optional<std::vector<float>> parse_twist_row(std::string_view text) {
  const std::size_t columns = count_list_items(text);
  if (columns > kMostTwistColumns) return std::nullopt;
  std::vector<float> row;
  row.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    const auto factor = parse_factor(take_until(text, ','));
    if (!factor) return std::nullopt;
    row.push_back(*factor);
  }
  return row;
}

bool append_twist(Processing& processing, std::string_view value) {
  value = without_brackets(value);
  if (value.empty()) return false;
  while (!value.empty()) {
    auto row = parse_twist_row(take_until(value, ';'));
    if (!row || processing.twist.size() == kMostTwistRows) return false;
    processing.twist.push_back(std::move(*row));
  }
  return true;
}

bool set_gamma(Processing& processing, std::string_view value) {
  const auto exponent = parse_value(value);
  processing.logarithm = is_one_of(value, {"log", "logarithm"}) || exponent == -1;
  processing.gamma = 1;
  if (processing.logarithm) return true;
  if (!exponent) return false;
  processing.gamma = std::clamp(*exponent, 0.0, kLargestExponent);
  return true;
}

bool set_inversion(Processing& processing, std::string_view /*value*/) {
  processing.invert = true;
  return true;
}

bool set_map(Processing& processing, std::string_view value) {
  constexpr std::array<std::pair<std::string_view, ColourMap>, 11> kMaps = {{
      {"hot", ColourMap::hot},
      {"cold", ColourMap::cold},
      {"jet", ColourMap::jet},
      {"red", ColourMap::red},
      {"green", ColourMap::green},
      {"blue", ColourMap::blue},
      {"viridis", ColourMap::viridis},
      {"magma", ColourMap::magma},
      {"inferno", ColourMap::inferno},
      {"plasma", ColourMap::plasma},
      {"cividis", ColourMap::cividis},
  }};
  processing.map = ColourMap::none;
  for (const auto& [name, map] : kMaps) {
    if (equal_ignoring_case(value, name)) processing.map = map;
  }
  return true;
}

bool set_kernel(Processing& processing, std::string_view value) {
  const auto kernel = parse_kernel(value);
  if (!kernel) return false;
  if (*kernel) processing.kernel = *kernel;
  return true;
}

constexpr std::array<ProcessingCommand, 8> kCommands = {{
    {"MINMAX", set_range},
    {"CNT", set_contrast},
    {"SHD", set_hillshade},
    {"CTW", append_twist, true},
    {"GAM", set_gamma},
    {"INV", set_inversion},
    {"CMP", set_map},
    {"CNV", set_kernel, true},
}};

}  // namespace

const ProcessingCommand* find_processing_command(std::string_view name) {
  const auto* found = std::find_if(
      kCommands.begin(), kCommands.end(),
      [=](const ProcessingCommand& command) { return equal_ignoring_case(command.name, name); });
  return found == kCommands.end() ? nullptr : found;
}

}  // namespace iip

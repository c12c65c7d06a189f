// Comma-separated numbers: as many as are due, each the whole of its place.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/base/text.h"

namespace iip {

inline std::size_t count_list_items(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
}

// `parse` is one of the number parsers of base/text.h. nullopt for another count, or for an item
// that is not a number.
template <std::size_t N, class T>
std::optional<std::array<T, N>> parse_list(std::string_view text,
                                           std::optional<T> (*parse)(std::string_view)) {
  if (count_list_items(text) != N) return std::nullopt;
  std::array<T, N> numbers{};
  for (T& number : numbers) {
    const std::optional<T> parsed = parse(take_until(text, ','));
    if (!parsed) return std::nullopt;
    number = *parsed;
  }
  return numbers;
}

}  // namespace iip

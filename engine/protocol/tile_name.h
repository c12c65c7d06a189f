// The file name of a tile: numbers with one separator between them and the picture format as
// extension, such as "3_4.jpg" (DeepZoom) or "2-3-4.jpg" (Zoomify). A value type; the functions
// keep nothing and are for any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/text.h"
#include "engine/protocol/request.h"

namespace iip {

template <std::size_t N>
struct TileName {
  std::array<std::uint64_t, N> numbers{};
  Format format = Format::jpeg;
};

inline std::optional<Format> format_of_extension(std::string_view extension) {
  if (extension == "jpg" || extension == "jpeg") return Format::jpeg;
  if (extension == "png") return Format::png;
  return std::nullopt;
}

template <std::size_t N>
std::optional<TileName<N>> parse_tile_name(std::string_view file, char separator) {
  TileName<N> name;
  for (std::size_t i = 0; i < N; ++i) {
    const auto number = parse_unsigned(take_until(file, i + 1 < N ? separator : '.'));
    if (!number) return std::nullopt;
    name.numbers[i] = *number;
  }
  const auto format = format_of_extension(file);
  if (!format) return std::nullopt;
  name.format = *format;
  return name;
}

}  // namespace iip

// RGB pixels to three planes and back: the innermost loops of resampling, with a version for x86
// processors that can shuffle bytes (SSSE3), chosen when called. No alignment is asked for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iip {

void split_rgb(const std::uint8_t* pixels, std::size_t count, std::uint8_t* red,
               std::uint8_t* green, std::uint8_t* blue);
void join_rgb(const std::uint8_t* red, const std::uint8_t* green, const std::uint8_t* blue,
              std::size_t count, std::uint8_t* pixels);

}  // namespace iip

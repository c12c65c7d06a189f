// The colours of matplotlib's maps (CC0), 0xRRGGBB from the least to the largest value: rounded to
// 8 bits.
#pragma once

#include <array>
#include <cstdint>

namespace iip {

using ColourTable = std::array<std::uint32_t, 256>;

extern const ColourTable kViridis, kMagma, kInferno, kPlasma, kCividis;

}  // namespace iip

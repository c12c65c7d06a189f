#include "engine/pipeline/colour_map.h"

#include <algorithm>

#include "engine/pipeline/colour_map_tables.h"

namespace iip {

namespace {

using Colour = std::array<float, 3>;

// Not a number is 0.
float within_one(float value) { return value > 0 ? std::min(value, 1.0F) : 0; }

// Three channels that rise one after the other, each over a third of the range.
Colour rising(float v) { return {within_one(3 * v), within_one(3 * v - 1), within_one(3 * v - 2)}; }

Colour jet(float v) {
  if (!(v >= 0)) return {0, 0, 0};
  if (v >= 1) return {0.5F, 0, 0};
  if (v < 0.125F) return {0, 0, 4 * v + 0.5F};
  if (v < 0.375F) return {0, 4 * v - 0.5F, 1};
  if (v < 0.625F) return {4 * v - 1.5F, 1, 2.5F - 4 * v};
  if (v < 0.875F) return {1, 3.5F - 4 * v, 0};
  return {4.5F - 4 * v, 0, 0};
}

float component(std::uint32_t colour, unsigned shift) {
  return static_cast<float>((colour >> shift) & 0xFFU) / 255;
}

Colour from_table(const ColourTable& table, float v) {
  const float place = within_one(v) * 255;
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min<std::size_t>(below + 1, 255);
  const float part = place - static_cast<float>(below);
  const auto mix = [&](unsigned shift) {
    const float from = component(table[below], shift);
    return from + part * (component(table[above], shift) - from);
  };
  return {mix(16), mix(8), mix(0)};
}

}  // namespace

Colour colour_of(ColourMap map, float fraction) {
  const float v = fraction;
  switch (map) {
    case ColourMap::hot:
      return rising(v);
    case ColourMap::cold: {
      const Colour colour = rising(v);
      return {colour[2], colour[1], colour[0]};
    }
    case ColourMap::jet:
      return jet(v);
    case ColourMap::red:
      return {v, 0, 0};
    case ColourMap::green:
      return {0, v, 0};
    case ColourMap::blue:
      return {0, 0, v};
    case ColourMap::viridis:
      return from_table(kViridis, v);
    case ColourMap::magma:
      return from_table(kMagma, v);
    case ColourMap::inferno:
      return from_table(kInferno, v);
    case ColourMap::plasma:
      return from_table(kPlasma, v);
    case ColourMap::cividis:
      return from_table(kCividis, v);
    default:
      return {v, v, v};
  }
}

}  // namespace iip

// The contexts that the samples of a code-block are coded in (ISO/IEC 15444-1 annex D), as tables.
// A value type; the functions keep nothing and are for any thread. The tables are constants.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace iip {

// Table D.1 from the nine bits around a sample.
constexpr std::uint8_t j2k_zero_context(int band, unsigned around) {
  const auto is_set = [around](int bit) { return static_cast<int>(around >> bit & 1U); };
  int h = is_set(3) + is_set(5);
  int v = is_set(1) + is_set(7);
  const int d = is_set(0) + is_set(2) + is_set(6) + is_set(8);
  if (band == 3) {
    const int hv = std::min(h + v, 2);
    if (d >= 3) return 8;
    if (d == 2) return hv > 0 ? 7 : 6;
    return static_cast<std::uint8_t>(d == 1 ? 3 + hv : hv);
  }
  if (band == 1) std::swap(h, v);
  if (h == 2) return 8;
  if (h == 1) return v > 0 ? 7 : d > 0 ? 6 : 5;
  if (v > 0) return static_cast<std::uint8_t>(2 + v);
  return static_cast<std::uint8_t>(std::min(d, 2));
}

// Tables D.2 and D.3. The index, two bits each for the samples above, left, right and below: is it
// negative, is it significant?
struct J2kSignContext {
  std::uint8_t context;
  std::uint8_t flip;
};
constexpr J2kSignContext j2k_sign_context(unsigned index) {
  const auto at = [index](int which) {
    if ((index >> (2 * which + 1) & 1U) == 0) return 0;
    return (index >> (2 * which) & 1U) != 0 ? -1 : 1;
  };
  int h = std::clamp(at(1) + at(2), -1, 1);
  int v = std::clamp(at(0) + at(3), -1, 1);
  const bool flip = h < 0 || (h == 0 && v < 0);
  if (flip) {
    h = -h;
    v = -v;
  }
  const int context = h == 0 ? 9 + v : 12 + v;
  return {static_cast<std::uint8_t>(context), static_cast<std::uint8_t>(flip ? 1 : 0)};
}

inline constexpr auto kJ2kZeroContexts = [] {
  std::array<std::array<std::uint8_t, 512>, 4> all{};
  for (int band = 0; band < 4; ++band) {
    for (unsigned around = 0; around < 512; ++around) {
      all[static_cast<std::size_t>(band)][around] = j2k_zero_context(band, around);
    }
  }
  return all;
}();

inline constexpr auto kJ2kSignContexts = [] {
  std::array<J2kSignContext, 256> all{};
  for (unsigned index = 0; index < 256; ++index) all[index] = j2k_sign_context(index);
  return all;
}();

}  // namespace iip

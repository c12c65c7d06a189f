// Samples by their C++ type, for code that is written once for every depth.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "engine/image/raster.h"

namespace iip {

// Calls `work` with a value of the C++ type of a sample: the type is what it is called for.
template <class Work>
auto with_sample_type(SampleType type, Work&& work) {
  switch (type) {
    case SampleType::u16:
      return work(std::uint16_t{});
    case SampleType::u32:
      return work(std::uint32_t{});
    case SampleType::f32:
      return work(float{});
    default:
      return work(std::uint8_t{});
  }
}

// What full opacity, and white, is in samples that use the whole range of their type.
template <class T>
constexpr T kFullSample = std::is_floating_point_v<T> ? T{1} : std::numeric_limits<T>::max();

template <class T>
bool is_finite(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isfinite(value);
  return true;
}

// A number as a sample: rounded to the nearest, halves upwards, and cut to the range where samples
// are whole numbers, not a number being 0; as it is where they are floats.
template <class T, class Number>
T to_sample(Number value) {
  if constexpr (std::is_same_v<T, Number>) {
    return value;
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    constexpr double kMost = std::numeric_limits<T>::max();
    const double rounded = std::floor(static_cast<double>(value) + 0.5);
    if (!(rounded > 0)) return 0;
    return rounded < kMost ? static_cast<T>(rounded) : std::numeric_limits<T>::max();
  }
}

}  // namespace iip

// Arithmetic on numbers that a file or a client states: what does not fit is told, and never wraps
// around. checked_*() give nullopt then, saturated_*() the largest number there is, which is over
// any limit that it is compared with.
//
// Operands are not negative. Pure functions.
#pragma once

#include <concepts>
#include <limits>
#include <numeric>
#include <optional>

namespace iip {

template <std::integral T>
constexpr std::optional<T> checked_add(T a, T b) {
  T sum{};
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

template <std::integral T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T product{};
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// Neither is 0.
template <std::integral T>
constexpr std::optional<T> checked_lcm(T a, T b) {
  return checked_mul(a / std::gcd(a, b), b);
}

template <std::integral T>
constexpr T saturated_add(T a, T b) {
  return checked_add(a, b).value_or(std::numeric_limits<T>::max());
}

template <std::integral T>
constexpr T saturated_mul(T a, T b) {
  return checked_mul(a, b).value_or(std::numeric_limits<T>::max());
}

}  // namespace iip

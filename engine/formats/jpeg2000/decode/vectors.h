// Samples of JPEG 2000 four at a time: a template that is written for one of them works on a vector
// of four just as well, and gives the same.
//
// Integers that a damaged file makes too large wrap around.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace iip {

template <class T>
using J2kVector [[gnu::vector_size(16)]] = T;

// Calls `work` with the first of four and a vector, as often as there are four of `count` samples,
// and then with each that is left and a T. The second is there for its type.
template <class T, class Work>
[[gnu::always_inline]] inline void j2k_in_vectors(std::int64_t count, const Work& work) {
  constexpr std::int64_t kTogether = sizeof(J2kVector<T>) / sizeof(T);
  std::int64_t i = 0;
  for (; i + kTogether <= count; i += kTogether) work(i, J2kVector<T>{});
  for (; i < count; ++i) work(i, T{});
}

template <class V, class T>
[[gnu::always_inline]] inline V j2k_load(const T* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class V, class T>
[[gnu::always_inline]] inline void j2k_store(const V& value, T* to) {
  std::memcpy(to, &value, sizeof value);
}

// Integers as the numbers that V is of.
template <class V>
[[gnu::always_inline]] inline V j2k_load_as(const std::int16_t* from) {
  if constexpr (sizeof(V) == sizeof(std::int32_t)) {
    return static_cast<V>(*from);
  } else {
    // Each twice beside itself, and then its own half of the two. Compilers do worse by themselves.
    using Narrow [[gnu::vector_size(16)]] = std::int16_t;
    std::int64_t four = 0;
    std::memcpy(&four, from, sizeof four);
    const auto narrow = reinterpret_cast<Narrow>(J2kVector<std::int64_t>{four, 0});
    const Narrow twice = __builtin_shufflevector(narrow, narrow, 0, 0, 1, 1, 2, 2, 3, 3);
    return __builtin_convertvector(reinterpret_cast<J2kVector<std::int32_t>>(twice) >> 16, V);
  }
}
template <class V>
[[gnu::always_inline]] inline V j2k_load_as(const std::int32_t* from) {
  if constexpr (sizeof(V) == sizeof(std::int32_t)) {
    return static_cast<V>(*from);
  } else {
    return __builtin_convertvector(j2k_load<J2kVector<std::int32_t>>(from), V);
  }
}

// Numbers that fit to where there are those of 16 bits, or of 32.
[[gnu::always_inline]] inline void j2k_store_as(const J2kVector<std::int32_t>& four,
                                                std::int16_t* to) {
  using Narrow [[gnu::vector_size(8)]] = std::int16_t;
  j2k_store(__builtin_convertvector(four, Narrow), to);
}
[[gnu::always_inline]] inline void j2k_store_as(const J2kVector<std::int32_t>& four,
                                                std::int32_t* to) {
  j2k_store(four, to);
}

// The first of each, the second of each...
template <class V>
[[gnu::always_inline]] inline std::array<V, 4> j2k_transposed(const V& a, const V& b, const V& c,
                                                              const V& d) {
  const V ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const V cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const V ab_behind = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const V cd_behind = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return {__builtin_shufflevector(ab, cd, 0, 1, 4, 5), __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
          __builtin_shufflevector(ab_behind, cd_behind, 0, 1, 4, 5),
          __builtin_shufflevector(ab_behind, cd_behind, 2, 3, 6, 7)};
}

inline std::int32_t j2k_sum(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
inline J2kVector<std::int32_t> j2k_sum(const J2kVector<std::int32_t>& a,
                                       const J2kVector<std::int32_t>& b) {
  using Unsigned = J2kVector<std::uint32_t>;
  return reinterpret_cast<J2kVector<std::int32_t>>(reinterpret_cast<Unsigned>(a) +
                                                   reinterpret_cast<Unsigned>(b));
}

}  // namespace iip

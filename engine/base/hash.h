// Digest: the 128-bit name of "these bytes and no others" (XXH3), used as ETag and cache key.
//
// Hasher takes typed values, each with its length or width, so that neighbouring fields can not run
// into each other ("ab"+"c" differs from "a"+"bc"). Not cryptographic: it guards against accident,
// and keys never leave the host unauthenticated.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#define XXH_STATIC_LINKING_ONLY  // for the complete type of the state
#include <xxhash.h>

namespace iip {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const Digest&, const Digest&) = default;
  // 32 lower-case hexadecimal digits.
  std::array<char, 32> hex() const;
};

class Hasher {
 public:
  Hasher();

  void add(std::string_view text);
  void add(double value);
  template <std::integral T>
  void add(T value) {
    add_word(static_cast<std::uint64_t>(value));
  }

  Digest digest();

 private:
  void add_word(std::uint64_t word);
  void add_bytes(const void* data, std::size_t size);
  void flush();

  // A key is made of many small values: they are collected here, and hashed at once.
  std::array<std::uint8_t, 256> pending_{};
  std::size_t pending_size_ = 0;
  XXH3_state_t state_{};
};

}  // namespace iip

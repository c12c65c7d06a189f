// Digest: the 128-bit name of "these bytes and no others" (BLAKE2b), used as ETag and cache key.
//
// Cryptographic: that somebody chooses part of the input, a text of his .htaccess or a URL, does
// not help him to find another input of the same digest. With a secret key he can not even tell
// what the digest of an input is.
//
// Hasher takes typed values, each with its length or width, so that neighbouring fields can not run
// into each other ("ab"+"c" differs from "a"+"bc"). The result does not depend on the machine. A
// Hasher makes one digest, on one thread.
#pragma once

#include <sodium/crypto_generichash.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace iip {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const Digest&, const Digest&) = default;
  // 32 lower-case hexadecimal digits.
  std::array<char, 32> hex() const;
};

using HashKey = std::array<std::uint8_t, 32>;

// A key for one purpose out of a secret text of any length.
HashKey derive_key(std::string_view secret, std::string_view purpose);

// Has the library choose what is fastest on this processor: once a process. The digests are the
// same without it.
void choose_fastest_hash();

class Hasher {
 public:
  // `key` may be null.
  explicit Hasher(const HashKey* key = nullptr);

  void add(std::string_view text);
  // Equal numbers have equal digests: -0.0 counts as 0.0, and every NaN as one.
  void add(double value);
  void add(const Digest& digest) {
    add_word(digest.high);
    add_word(digest.low);
  }
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
  crypto_generichash_state state_;
};

}  // namespace iip

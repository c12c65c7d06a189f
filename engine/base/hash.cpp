#include "engine/base/hash.h"

#include <sodium/core.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace iip {

namespace {

std::uint64_t little_endian(std::uint64_t word) {
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

// A digest is written as a number, its highest byte first, so the first byte that BLAKE2b gives is
// taken for the highest.
std::uint64_t big_endian_at(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8U | bytes[i];
  return word;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::array<char, 32> Digest::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 32> text{};
  for (std::size_t i = 0; i < 16; ++i) {
    text[i] = kDigits[(high >> (60 - 4 * i)) & 15U];
    text[16 + i] = kDigits[(low >> (60 - 4 * i)) & 15U];
  }
  return text;
}

// The purpose stands in the place of the key: it is short, and the secret need not be.
HashKey derive_key(std::string_view secret, std::string_view purpose) {
  HashKey key{};
  crypto_generichash(key.data(), key.size(), bytes_of(secret), secret.size(), bytes_of(purpose),
                     purpose.size());
  return key;
}

void choose_fastest_hash() { [[maybe_unused]] const int outcome = sodium_init(); }

// The state is the library's to fill.
Hasher::Hasher(const HashKey* key) {  // NOLINT(cppcoreguidelines-pro-type-member-init)
  crypto_generichash_init(&state_, key != nullptr ? key->data() : nullptr,
                          key != nullptr ? key->size() : 0, sizeof(Digest));
}

void Hasher::add(std::string_view text) {
  add_word(text.size());
  add_bytes(text.data(), text.size());
}

void Hasher::add(double value) {
  if (value == 0.0) value = 0.0;
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  add_word(std::bit_cast<std::uint64_t>(value));
}

void Hasher::add_word(std::uint64_t word) {
  word = little_endian(word);
  add_bytes(&word, sizeof word);
}

void Hasher::add_bytes(const void* data, std::size_t size) {
  if (size > pending_.size() - pending_size_) flush();
  if (size > pending_.size()) {
    crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
    return;
  }
  if (size == 0) return;
  std::memcpy(pending_.data() + pending_size_, data, size);
  pending_size_ += size;
}

void Hasher::flush() {
  crypto_generichash_update(&state_, pending_.data(), pending_size_);
  pending_size_ = 0;
}

Digest Hasher::digest() {
  flush();
  std::array<std::uint8_t, sizeof(Digest)> bytes{};
  crypto_generichash_final(&state_, bytes.data(), bytes.size());
  return {big_endian_at(bytes.data()), big_endian_at(bytes.data() + 8)};
}

}  // namespace iip

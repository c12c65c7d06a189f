#include "engine/base/hash.h"

#include <bit>
#include <cstring>

namespace iip {

std::array<char, 32> Digest::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 32> text{};
  for (std::size_t i = 0; i < 16; ++i) {
    text[i] = kDigits[(high >> (60 - 4 * i)) & 15U];
    text[16 + i] = kDigits[(low >> (60 - 4 * i)) & 15U];
  }
  return text;
}

Hasher::Hasher() { XXH3_128bits_reset(&state_); }

void Hasher::add(std::string_view text) {
  add_word(text.size());
  add_bytes(text.data(), text.size());
}

void Hasher::add(double value) {
  // -0.0 and 0.0 ask for the same picture.
  add_word(std::bit_cast<std::uint64_t>(value == 0.0 ? 0.0 : value));
}

void Hasher::add_word(std::uint64_t word) { add_bytes(&word, sizeof word); }

void Hasher::add_bytes(const void* data, std::size_t size) {
  if (size > pending_.size() - pending_size_) flush();
  if (size > pending_.size()) {
    XXH3_128bits_update(&state_, data, size);
    return;
  }
  if (size == 0) return;
  std::memcpy(pending_.data() + pending_size_, data, size);
  pending_size_ += size;
}

void Hasher::flush() {
  XXH3_128bits_update(&state_, pending_.data(), pending_size_);
  pending_size_ = 0;
}

Digest Hasher::digest() {
  flush();
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
  return {hash.high64, hash.low64};
}

}  // namespace iip

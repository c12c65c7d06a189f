#include "engine/base/siphash.h"

#include <bit>

namespace iip {

namespace {

std::uint64_t little_endian(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

void put_little_endian(std::uint64_t word, std::uint8_t* bytes) {
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
}

}  // namespace

SipHash::SipHash(const MacKey& key)
    : v0_(little_endian(key.data()) ^ 0x736f6d6570736575U),
      v1_(little_endian(key.data() + 8) ^ 0x646f72616e646f6dU ^ 0xeeU),
      v2_(little_endian(key.data()) ^ 0x6c7967656e657261U),
      v3_(little_endian(key.data() + 8) ^ 0x7465646279746573U) {}

void SipHash::round() {
  v0_ += v1_;
  v1_ = std::rotl(v1_, 13) ^ v0_;
  v0_ = std::rotl(v0_, 32);
  v2_ += v3_;
  v3_ = std::rotl(v3_, 16) ^ v2_;
  v0_ += v3_;
  v3_ = std::rotl(v3_, 21) ^ v0_;
  v2_ += v1_;
  v1_ = std::rotl(v1_, 17) ^ v2_;
  v2_ = std::rotl(v2_, 32);
}

void SipHash::take_word(std::uint64_t word) {
  v3_ ^= word;
  round();
  round();
  v0_ ^= word;
}

void SipHash::add(ByteSpan bytes) {
  std::size_t i = 0;
  const auto take_byte = [&] {
    pending_ |= std::uint64_t{bytes[i++]} << (8 * (length_++ % 8));
    if (length_ % 8 != 0) return;
    take_word(pending_);
    pending_ = 0;
  };
  while (i < bytes.size() && length_ % 8 != 0) take_byte();
  for (; bytes.size() - i >= 8; i += 8, length_ += 8) take_word(little_endian(bytes.data() + i));
  while (i < bytes.size()) take_byte();
}

Mac SipHash::finish() {
  take_word(pending_ | (length_ << 56));
  Mac mac;
  v2_ ^= 0xeeU;
  for (int i = 0; i < 4; ++i) round();
  put_little_endian(v0_ ^ v1_ ^ v2_ ^ v3_, mac.data());
  v1_ ^= 0xddU;
  for (int i = 0; i < 4; ++i) round();
  put_little_endian(v0_ ^ v1_ ^ v2_ ^ v3_, mac.data() + 8);
  return mac;
}

MacKey mac_key(std::string_view passphrase) {
  SipHash hash({'I', 'I', 'P', ' ', 'M', 'A', 'C', ' ', 'k', 'e', 'y'});
  hash.add({reinterpret_cast<const std::uint8_t*>(passphrase.data()), passphrase.size()});
  return hash.finish();
}

bool same_mac(const Mac& a, const Mac& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= unsigned{a[i]} ^ unsigned { b[i] };
  return difference == 0;
}

}  // namespace iip

// SipHash-2-4 with 128 bits: a short keyed MAC (Aumasson and Bernstein, "SipHash: a fast
// short-input PRF", and the authors' 128-bit variant).
//
// Who does not know the key can neither make nor alter a message that carries its MAC. Not a hash
// of files or passwords; names are made by Hasher (hash.h). The result does not depend on the
// machine. One object makes one MAC, on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"

namespace iip {

using MacKey = std::array<std::uint8_t, 16>;
using Mac = std::array<std::uint8_t, 16>;

class SipHash {
 public:
  explicit SipHash(const MacKey& key);

  // The parts of the message, one after the other; where one ends does not count.
  void add(ByteSpan bytes);
  // Ends the message.
  Mac finish();

 private:
  void take_word(std::uint64_t word);
  void round();

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
  std::uint64_t pending_ = 0;  // the bytes behind the last whole word, lowest first
  std::uint64_t length_ = 0;
};

// A key from a passphrase of any length: as hard to guess as that is.
MacKey mac_key(std::string_view passphrase);

// Takes equally long wherever the two differ, so that its time tells nobody how a guess was wrong.
bool same_mac(const Mac& a, const Mac& b);

}  // namespace iip

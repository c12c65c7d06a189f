#include "engine/base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>
#include <string>

namespace iip {
namespace {

template <class... Values>
Digest digest_of(const Values&... values) {
  Hasher hasher;
  (hasher.add(values), ...);
  return hasher.digest();
}

TEST(Hash, SameValuesSameDigest) {
  EXPECT_EQ(digest_of(std::string_view("a"), 1, 2.5), digest_of(std::string_view("a"), 1, 2.5));
  EXPECT_EQ(digest_of(0.0), digest_of(-0.0));
}

TEST(Hash, EveryFieldCounts) {
  const Digest base = digest_of(std::string_view("a"), 1, 2.5);
  EXPECT_FALSE(base == digest_of(std::string_view("b"), 1, 2.5));
  EXPECT_FALSE(base == digest_of(std::string_view("a"), 2, 2.5));
  EXPECT_FALSE(base == digest_of(std::string_view("a"), 1, 2.25));
  EXPECT_FALSE(digest_of(1, 2) == digest_of(2, 1));
}

TEST(Hash, NeighboursDoNotRunIntoEachOther) {
  EXPECT_FALSE(digest_of(std::string_view("ab"), std::string_view("c")) ==
               digest_of(std::string_view("a"), std::string_view("bc")));
  EXPECT_FALSE(digest_of(std::string_view("")) == digest_of());
  EXPECT_FALSE(digest_of(std::string_view(""), std::string_view("")) ==
               digest_of(std::string_view("")));
}

TEST(Hash, WidthOfIntegersDoesNotMatter) {
  EXPECT_EQ(digest_of(std::uint8_t{7}), digest_of(std::int64_t{7}));
}

std::string hex_of(const Digest& digest) {
  const auto hex = digest.hex();
  return {hex.begin(), hex.end()};
}

// The vector of RFC 7693, Appendix A: that the library is what it says.
TEST(Hash, TheLibraryIsBlake2b) {
  std::array<unsigned char, 64> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>("abc"), 3,
                     nullptr, 0);
  std::string hex;
  for (const unsigned byte : hash)
    hex += {"0123456789abcdef"[byte / 16], "0123456789abcdef"[byte % 16]};
  EXPECT_EQ(hex,
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

// What Python's hashlib.blake2b(data, digest_size=16, key=...) says of the same bytes.
TEST(Hash, IsBlake2bOf128Bits) {
  EXPECT_EQ(hex_of(Hasher().digest()), "cae66941d9efbd404e4d88758ea67670");
  // struct.pack("<Q", 3) + b"abc"
  EXPECT_EQ(hex_of(digest_of(std::string_view("abc"))), "10366aba46518e2b9d040dde242bbc5a");
  // struct.pack("<Q", 1000) + b"x" * 1000 + struct.pack("<q", -1) + struct.pack("<d", 2.5) +
  // struct.pack("<QQ", 1, 2)
  EXPECT_EQ(hex_of(digest_of(std::string(1000, 'x'), -1, 2.5, Digest{1, 2})),
            "36248610492964e204dc9c2e0eeaf08d");
  HashKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  Hasher keyed(&key);
  keyed.add(std::string_view("abc"));
  EXPECT_EQ(hex_of(keyed.digest()), "e66ff3421a8e899ea521cf234e7c5905");
}

TEST(Hash, AChosenImplementationGivesTheSame) {
  const Digest before = digest_of(std::string(1000, 'x'));
  choose_fastest_hash();
  EXPECT_EQ(digest_of(std::string(1000, 'x')), before);
}

// hashlib.blake2b(b"secret", digest_size=32, key=b"purpose")
TEST(Hash, KeysAreDerived) {
  const HashKey key = derive_key("secret", "purpose");
  EXPECT_EQ(key[0], 0xb5);
  EXPECT_EQ(key[1], 0xe6);
  EXPECT_EQ(key[31], 0x08);
  EXPECT_NE(derive_key("secret", "another"), key);
  EXPECT_NE(derive_key("Secret", "purpose"), key);
}

TEST(Hash, EqualNumbersAreOne) {
  const double other_nan = std::bit_cast<double>(0xFFF8000000000001U);
  EXPECT_EQ(digest_of(other_nan), digest_of(std::numeric_limits<double>::quiet_NaN()));
}

TEST(Hash, HexIsTheNumberFromTheTop) {
  const auto hex = Digest{0x0123456789ABCDEFU, 0x00000000000000F0U}.hex();
  EXPECT_EQ(std::string(hex.begin(), hex.end()), "0123456789abcdef00000000000000f0");
}

}  // namespace
}  // namespace iip

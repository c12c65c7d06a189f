#include "engine/base/hash.h"

#include <gtest/gtest.h>

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

TEST(Hash, IsXxh3) {
  // The published 128-bit XXH3 of no input, seed 0.
  const auto hex = Hasher().digest().hex();
  EXPECT_EQ(std::string(hex.begin(), hex.end()), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, HexIsTheNumberFromTheTop) {
  const auto hex = Digest{0x0123456789ABCDEFU, 0x00000000000000F0U}.hex();
  EXPECT_EQ(std::string(hex.begin(), hex.end()), "0123456789abcdef00000000000000f0");
}

}  // namespace
}  // namespace iip

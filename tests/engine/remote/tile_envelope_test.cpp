#include "engine/remote/tile_envelope.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace iip {
namespace {

constexpr Digest kKey{0x0123456789abcdefU, 0xfedcba9876543210U};

ByteVector bytes(std::string_view text) { return {text.begin(), text.end()}; }

ByteVector sealed(const TileEnvelope& envelope, const Digest& key, const ByteVector& tile) {
  const auto header = envelope.seal(key, tile);
  ByteVector value(header.begin(), header.end());
  value.insert(value.end(), tile.begin(), tile.end());
  return value;
}

TEST(TileEnvelope, GivesBackWhatWasSealed) {
  const TileEnvelope envelope("images.example.org", "the secret of the cluster");
  for (const std::string tile : {"", "a", "the picture"}) {
    const auto opened = envelope.open(kKey, sealed(envelope, kKey, bytes(tile)));
    ASSERT_TRUE(opened) << tile;
    EXPECT_EQ(ByteVector(opened->span().begin(), opened->span().end()), bytes(tile));
  }
}

// The layout that the header file states, written out by hand; machines of one version and another
// read each other's tiles by it.
TEST(TileEnvelope, LiesAsStated) {
  const TileEnvelope envelope("images.example.org", "the secret of the cluster");
  const ByteVector value = sealed(envelope, kKey, {});
  ASSERT_EQ(value.size(), 72U);
  EXPECT_EQ(ByteVector(value.begin(), value.begin() + 8),
            (ByteVector{'I', 'I', 'P', 'T', 2, 0, 0, 0}));
  EXPECT_EQ(ByteVector(value.begin() + 24, value.begin() + 40),
            (ByteVector{0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01,  //
                        0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe}));
  EXPECT_EQ(ByteVector(value.begin() + 40, value.begin() + 48), ByteVector(8, 0));
}

TEST(TileEnvelope, IsTheSameOnEveryMachine) {
  const TileEnvelope one("images.example.org", "the secret of the cluster");
  const TileEnvelope other("images.example.org", "the secret of the cluster");
  EXPECT_TRUE(other.open(kKey, sealed(one, kKey, bytes("tile"))));
}

TEST(TileEnvelope, RefusesWhatBelongsElsewhere) {
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector value = sealed(envelope, kKey, bytes("tile"));
  EXPECT_FALSE(TileEnvelope("b.example.org", "secret").open(kKey, value));
  EXPECT_FALSE(TileEnvelope("a.example.org", "Secret").open(kKey, value));
  EXPECT_FALSE(TileEnvelope("a.example.org", "").open(kKey, value));
  EXPECT_FALSE(envelope.open({kKey.high, kKey.low ^ 1U}, value));
  EXPECT_FALSE(envelope.open({kKey.high ^ 1U, kKey.low}, value));
}

TEST(TileEnvelope, RefusesAnyDamage) {
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector value = sealed(envelope, kKey, bytes("a picture"));
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      ByteVector damaged = value;
      damaged[i] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_FALSE(envelope.open(kKey, damaged)) << "byte " << i << " bit " << bit;
    }
  }
  for (std::size_t length = 0; length < value.size(); ++length) {
    EXPECT_FALSE(envelope.open(kKey, ByteSpan(value).first(length))) << length;
  }
  ByteVector longer = value;
  longer.push_back(0);
  EXPECT_FALSE(envelope.open(kKey, longer));
}

// Of any length but its own, however it is added up.
TEST(TileEnvelope, RefusesAnotherLength) {
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector value = sealed(envelope, kKey, bytes("a picture"));
  ASSERT_EQ(value[40], 9U);
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{8}, std::uint64_t{10},
                                     std::uint64_t{9} + (std::uint64_t{1} << 32), ~std::uint64_t{0},
                                     ~std::uint64_t{0} - 71 + 9}) {
    ByteVector other = value;
    for (unsigned i = 0; i < 8; ++i) other[40 + i] = static_cast<std::uint8_t>(length >> (8 * i));
    EXPECT_FALSE(envelope.open(kKey, other)) << length;
  }
}

// What an earlier version of the module stored: the same header but for the number and the two
// lengths of 32 bits, of which the second is that of the tile.
TEST(TileEnvelope, RefusesAnotherVersion) {
  const TileEnvelope envelope("a.example.org", "secret");
  ByteVector value = sealed(envelope, kKey, bytes("a picture"));
  value[4] = 1;
  EXPECT_FALSE(envelope.open(kKey, value));
  std::swap_ranges(value.begin() + 40, value.begin() + 44, value.begin() + 44);
  EXPECT_FALSE(envelope.open(kKey, value));
}

// A forger who knows everything but the secret: the header is right throughout, and the MAC is made
// with the wrong key.
TEST(TileEnvelope, RefusesForgery) {
  const TileEnvelope forger("a.example.org", "");
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector forged = sealed(forger, kKey, bytes("forged"));
  const ByteVector genuine = sealed(envelope, kKey, bytes("forged"));
  EXPECT_TRUE(std::equal(forged.begin(), forged.begin() + 56, genuine.begin()));
  EXPECT_FALSE(envelope.open(kKey, forged));
}

}  // namespace
}  // namespace iip

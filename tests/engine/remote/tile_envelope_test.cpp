#include "engine/remote/tile_envelope.h"

#include <gtest/gtest.h>

#include <string>

namespace iip {
namespace {

constexpr Digest kKey{0x0123456789abcdefU, 0xfedcba9876543210U};

ByteVector bytes(std::string_view text) { return {text.begin(), text.end()}; }

ByteVector sealed(const TileEnvelope& envelope, const Digest& key, const ByteVector& head,
                  const ByteVector& body) {
  const auto header = envelope.seal(key, head, body);
  ByteVector value(header.begin(), header.end());
  value.insert(value.end(), head.begin(), head.end());
  value.insert(value.end(), body.begin(), body.end());
  return value;
}

TEST(TileEnvelope, GivesBackWhatWasSealed) {
  const TileEnvelope envelope("images.example.org", "the secret of the cluster");
  for (const std::string head : {"", "image/jpeg"}) {
    for (const std::string body : {"", "the picture"}) {
      const auto tile = envelope.open(kKey, sealed(envelope, kKey, bytes(head), bytes(body)));
      ASSERT_TRUE(tile) << head << ", " << body;
      EXPECT_EQ(tile->head, bytes(head));
      EXPECT_EQ(ByteVector(tile->body.span().begin(), tile->body.span().end()), bytes(body));
    }
  }
}

TEST(TileEnvelope, IsTheSameOnEveryMachine) {
  const TileEnvelope one("images.example.org", "the secret of the cluster");
  const TileEnvelope other("images.example.org", "the secret of the cluster");
  EXPECT_TRUE(other.open(kKey, sealed(one, kKey, bytes("head"), bytes("body"))));
}

TEST(TileEnvelope, RefusesWhatBelongsElsewhere) {
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector value = sealed(envelope, kKey, bytes("head"), bytes("body"));
  EXPECT_FALSE(TileEnvelope("b.example.org", "secret").open(kKey, value));
  EXPECT_FALSE(TileEnvelope("a.example.org", "Secret").open(kKey, value));
  EXPECT_FALSE(TileEnvelope("a.example.org", "").open(kKey, value));
  EXPECT_FALSE(envelope.open({kKey.high, kKey.low ^ 1U}, value));
  EXPECT_FALSE(envelope.open({kKey.high ^ 1U, kKey.low}, value));
}

TEST(TileEnvelope, RefusesAnyDamage) {
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector value = sealed(envelope, kKey, bytes("a head"), bytes("and a body"));
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

// The sum of the two lengths is right, and one of them alone would reach far beyond the value.
TEST(TileEnvelope, RefusesLengthsThatWrapAround) {
  const TileEnvelope envelope("a.example.org", "secret");
  ByteVector value = sealed(envelope, kKey, bytes("a head"), bytes("and a body"));
  for (std::size_t i = 40; i < 48; ++i) value[i] = 0xff;
  EXPECT_FALSE(envelope.open(kKey, value));
}

// Head and body are told apart: the same bytes cut otherwise are another tile.
TEST(TileEnvelope, RefusesAnotherCut) {
  const TileEnvelope envelope("a.example.org", "secret");
  ByteVector value = sealed(envelope, kKey, bytes("ab"), bytes("cd"));
  value[40] = 1;
  value[44] = 3;
  EXPECT_FALSE(envelope.open(kKey, value));
}

// A forger who knows everything but the secret: the header is right throughout, and the MAC is made
// with the wrong key.
TEST(TileEnvelope, RefusesForgery) {
  const TileEnvelope forger("a.example.org", "");
  const TileEnvelope envelope("a.example.org", "secret");
  const ByteVector forged = sealed(forger, kKey, bytes("head"), bytes("forged"));
  const ByteVector genuine = sealed(envelope, kKey, bytes("head"), bytes("forged"));
  EXPECT_TRUE(std::equal(forged.begin(), forged.begin() + 56, genuine.begin()));
  EXPECT_FALSE(envelope.open(kKey, forged));
}

}  // namespace
}  // namespace iip

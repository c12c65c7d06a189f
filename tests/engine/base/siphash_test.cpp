#include "engine/base/siphash.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace iip {
namespace {

std::string hex(const Mac& mac) {
  std::string text;
  for (const unsigned byte : mac) {
    text += "0123456789ABCDEF"[byte >> 4];
    text += "0123456789ABCDEF"[byte & 15];
  }
  return text;
}

MacKey counting_key() {
  MacKey key;
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  return key;
}

ByteVector counting_bytes(std::size_t count) {
  ByteVector bytes(count);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

Mac mac_of(ByteSpan message) {
  SipHash hash(counting_key());
  hash.add(message);
  return hash.finish();
}

// `openssl mac -macopt hexkey:000102...0f -macopt size:16 SIPHASH` of the bytes 0, 1, 2, ...
TEST(SipHash, IsThatOfOpenssl) {
  EXPECT_EQ(hex(mac_of(counting_bytes(0))), "A3817F04BA25A8E66DF67214C7550293");
  EXPECT_EQ(hex(mac_of(counting_bytes(1))), "DA87C1D86B99AF44347659119B22FC45");
  EXPECT_EQ(hex(mac_of(counting_bytes(8))), "3B62A9BA6258F5610F83E264F31497B4");
  EXPECT_EQ(hex(mac_of(counting_bytes(15))), "5493E99933B0A8117E08EC0F97CFC3D9");
  EXPECT_EQ(hex(mac_of(counting_bytes(63))), "5150D1772F50834A503E069A973FBD7C");
}

TEST(SipHash, HowTheMessageIsCutDoesNotMatter) {
  const ByteVector message = counting_bytes(41);
  const Mac whole = mac_of(message);
  for (std::size_t first = 0; first <= message.size(); ++first) {
    for (std::size_t second = first; second <= message.size(); ++second) {
      SipHash hash(counting_key());
      hash.add(ByteSpan(message).first(first));
      hash.add(ByteSpan(message).subspan(first, second - first));
      hash.add(ByteSpan(message).subspan(second));
      ASSERT_EQ(hex(hash.finish()), hex(whole)) << first << ", " << second;
    }
  }
}

TEST(SipHash, KeysDifferByPassphrase) {
  EXPECT_FALSE(same_mac(mac_key(""), mac_key("a")));
  EXPECT_FALSE(same_mac(mac_key("a long passphrase, end a"), mac_key("a long passphrase, end b")));
  EXPECT_TRUE(same_mac(mac_key("the same"), mac_key("the same")));
}

TEST(SipHash, MacsAreComparedToTheLastBit) {
  const Mac mac = mac_of(counting_bytes(9));
  for (std::size_t i = 0; i < mac.size(); ++i) {
    Mac other = mac;
    other[i] ^= 0x80U;
    EXPECT_FALSE(same_mac(mac, other)) << i;
  }
}

}  // namespace
}  // namespace iip

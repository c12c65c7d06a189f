// What a profile claims is added up before a library makes room for it.
#include "engine/image/icc_profile.h"

#include <gtest/gtest.h>

#include <string_view>

namespace iip {
namespace {

void put(ByteVector& out, std::uint64_t value, int width) {
  while (width-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * width)));
}
void put(ByteVector& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

// A profile whose `tags` tags all are `content`.
ByteVector profile_of(const ByteVector& content, std::size_t tags = 1) {
  ByteVector out(128);
  const std::string_view signature = "acsp";
  std::copy(signature.begin(), signature.end(), out.begin() + 36);
  put(out, tags, 4);
  const std::size_t at = out.size() + 12 * tags;
  for (std::size_t i = 0; i < tags; ++i) {
    put(out, i, 4);
    put(out, at, 4);
    put(out, content.size(), 4);
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

ByteVector lut(std::string_view type, int inputs, int points) {
  ByteVector out;
  put(out, type);
  put(out, 0, 4);
  for (const int number : {inputs, 3, points, 0}) put(out, static_cast<std::uint64_t>(number), 1);
  out.resize(4000);
  return out;
}

// `count` elements that all are the colours of one grid.
ByteVector elements(std::size_t count, int points) {
  ByteVector out;
  put(out, "mpet");
  put(out, 0, 4);
  put(out, 0x0003'0003, 4);
  put(out, count, 4);
  const std::size_t at = 16 + 8 * count;
  for (std::size_t i = 0; i < count; ++i) {
    put(out, at, 4);
    put(out, 40, 4);
  }
  put(out, "clut");
  put(out, 0, 4);
  put(out, 0x0003'0003, 4);
  for (int i = 0; i < 3; ++i) put(out, static_cast<std::uint64_t>(points), 1);
  out.resize(out.size() + 4000);
  return out;
}

// A curve of samples for each of three channels, all in one place.
ByteVector curve_set(std::uint64_t samples) {
  ByteVector out;
  put(out, "mpet");
  put(out, 0, 4);
  put(out, 0x0003'0003, 4);
  put(out, 1, 4);
  put(out, 24, 4);
  put(out, 40, 4);
  put(out, "cvst");
  put(out, 0, 4);
  put(out, 0x0003'0003, 4);
  for (int i = 0; i < 3; ++i) {
    put(out, 36, 4);
    put(out, 40, 4);
  }
  put(out, "curf");
  put(out, 0, 4);
  put(out, 0x0001'0000, 4);
  put(out, "samf");
  put(out, 0, 4);
  put(out, samples, 4);
  return out;
}

bool passes(const ByteVector& profile) { return check_icc_profile(profile).has_value(); }

TEST(IccProfile, WhatIsNoProfilePasses) {
  EXPECT_TRUE(passes({}));
  EXPECT_TRUE(passes(ByteVector(1000, 0xFF)));
}

TEST(IccProfile, UsualTablesPass) {
  EXPECT_TRUE(passes(profile_of(lut("mft1", 3, 9), 3)));
  EXPECT_TRUE(passes(profile_of(lut("mft2", 3, 17), 3)));
  EXPECT_TRUE(passes(profile_of(elements(5, 9))));
  EXPECT_TRUE(passes(profile_of(curve_set(1000))));
}

TEST(IccProfile, TablesThatClaimMoreThanThereIs) {
  EXPECT_FALSE(passes(profile_of(lut("mft1", 4, 33))));
  EXPECT_FALSE(passes(profile_of(lut("mft2", 15, 255)))) << "the product leaves 64 bits";
  EXPECT_FALSE(passes(profile_of(lut("mft2", 255, 1))));
  EXPECT_FALSE(passes(profile_of(elements(1, 255))));
  EXPECT_FALSE(passes(profile_of(curve_set(0xFFFFFFFF))));
}

TEST(IccProfile, DataThatIsSharedCountsForEach) {
  EXPECT_TRUE(passes(profile_of(ByteVector(200'000), 3)));
  EXPECT_FALSE(passes(profile_of(ByteVector(200'000), 100)));
  EXPECT_FALSE(passes(profile_of(elements(2000, 2))));
  EXPECT_FALSE(passes(profile_of({}, 101)));
}

// Whatever the numbers say, nothing beyond the end is looked at.
TEST(IccProfile, CutShortAnywhere) {
  for (const ByteVector& content : {lut("mft2", 3, 17), elements(3, 4), curve_set(10)}) {
    const ByteVector whole = profile_of(content);
    for (std::size_t length = 0; length < 300; ++length) {
      check_icc_profile(ByteSpan(whole).first(length));
    }
  }
}

}  // namespace
}  // namespace iip

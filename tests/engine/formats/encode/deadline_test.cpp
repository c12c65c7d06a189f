// Encoders ask the deadline as they go, and end when it is over.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/formats/encode_raster.h"
#include "support/counting_client.h"
#include "support/rasters.h"

namespace iip::test {
namespace {

struct Wish {
  std::string name;
  Encoding encoding;
  PixelFormat format = kRgb;
};

std::vector<Wish> wishes() {
  const auto tiff = [](TiffScheme scheme, int quality) {
    return Encoding{Format::tiff, quality, scheme};
  };
  Encoding optimised{Format::jpeg, 75};
  optimised.optimise = true;
  return {
      {"JPEG", {Format::jpeg, 75}},
      {"JPEG, optimised", optimised},
      {"PNG", {Format::png, 1}},
      {"PNG of one bit", {Format::png, 1}, kGrey},
      {"WebP", {Format::webp, 50}},
      {"WebP without loss", {Format::webp, -1}},
      {"TIFF", tiff(TiffScheme::none, 1)},
      {"TIFF by deflate", tiff(TiffScheme::deflate, 1)},
      {"TIFF by zstd", tiff(TiffScheme::zstd, 1)},
      {"TIFF by LZW", tiff(TiffScheme::lzw, 1)},
      {"TIFF by JPEG", tiff(TiffScheme::jpeg, 75)},
  };
}

// Larger than the side from which TIFF is written in tiles, or not.
constexpr Size kSizes[] = {{2500, 600}, {1500, 1000}};

Raster picture(const Size& size, const PixelFormat& format, Memory& memory) {
  const bool bits = format == kGrey;
  return make_raster(size, format, memory, [bits](auto x, auto y, int c) {
    const auto value = (x * 31 + y * 17 + c * 5) % 256;
    return bits ? (value > 127 ? 255 : 0) : value;
  });
}

TEST(EncodeDeadline, IsAskedAllTheWhile) {
  for (const Wish& wish : wishes()) {
    for (const Size& size : kSizes) {
      Memory memory;
      CountingClient client(CountingClient::kNever);
      Allowance allowance{memory.budget};
      allowance.deadline.watch(&client);
      const Raster raster = picture(size, wish.format, memory);
      EXPECT_TRUE(encode(raster, wish.encoding, {}, allowance)) << wish.name;
      EXPECT_GE(client.asked(), 4) << wish.name;
    }
  }
}

TEST(EncodeDeadline, EndsTheWork) {
  for (const Wish& wish : wishes()) {
    for (const Size& size : kSizes) {
      Memory memory;
      CountingClient client(3);
      Allowance allowance{memory.budget};
      allowance.deadline.watch(&client);
      const auto stopped = encode(picture(size, wish.format, memory), wish.encoding, {}, allowance);
      ASSERT_FALSE(stopped) << wish.name;
      EXPECT_EQ(stopped.error().kind, ErrorKind::client_gone) << wish.name;
      EXPECT_EQ(client.asked(), 3) << wish.name << " went on";
    }
  }
}

// AVIF can not be stopped: what can not be waited for is not begun.
TEST(EncodeDeadline, WhatIsLateIsNotBegun) {
  Memory memory;
  Allowance allowance{memory.budget, Deadline::after(std::chrono::seconds(-1))};
  const auto late = encode(picture({2000, 2000}, kRgb, memory), {Format::avif, 50}, {}, allowance);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::busy);
}

}  // namespace
}  // namespace iip::test

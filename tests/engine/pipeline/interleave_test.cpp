#include "engine/pipeline/interleave.h"

#include <gtest/gtest.h>

#include <vector>

namespace iip {
namespace {

TEST(Interleave, EveryLengthAndPlace) {
  for (std::size_t count = 0; count < 70; ++count) {
    std::vector<std::uint8_t> pixels(3 * count);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 31);
    std::vector<std::uint8_t> red(count), green(count), blue(count);
    split_rgb(pixels.data(), count, red.data(), green.data(), blue.data());
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(red[i], pixels[3 * i]);
      ASSERT_EQ(green[i], pixels[3 * i + 1]);
      ASSERT_EQ(blue[i], pixels[3 * i + 2]);
    }
    std::vector<std::uint8_t> joined(3 * count);
    join_rgb(red.data(), green.data(), blue.data(), count, joined.data());
    ASSERT_EQ(joined, pixels);
  }
}

}  // namespace
}  // namespace iip

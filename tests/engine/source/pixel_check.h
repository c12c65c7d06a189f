// Compares what a source reads, whole and in pieces, with what the manifest of the test pictures
// says.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "images.h"

namespace iip::test {

inline constexpr int kRandomRects = 6;

inline Rect random_rect(const Size& size, std::mt19937& random) {
  const auto below = [&random](std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random);
  };
  const std::int64_t x = below(size.width);
  const std::int64_t y = below(size.height);
  return {x, y, 1 + below(size.width - x), 1 + below(size.height - y)};
}

// The largest difference between `part` and what `whole` holds at `rect`.
inline int largest_difference(const Raster& part, const Raster& whole, const Rect& rect) {
  int largest = 0;
  const std::size_t bytes = part.row_bytes();
  for (std::int64_t y = 0; y < rect.height; ++y) {
    const std::uint8_t* a = part.row(y);
    const std::uint8_t* b =
        whole.row(rect.y + y) + static_cast<std::size_t>(rect.x) * whole.format().pixel_bytes();
    if (std::memcmp(a, b, bytes) == 0) continue;
    for (std::size_t i = 0; i < bytes; ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

inline void check_file(const std::string& name, const std::vector<Expected>& levels) {
  SCOPED_TRACE(name);
  OpenImage image(image_path(name));
  ASSERT_EQ(image.info().levels.size(), levels.size());
  std::mt19937 random(1);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Size& size = levels[level].size;
    ASSERT_EQ(image.info().levels[level].size, size) << "level " << level;
    ASSERT_EQ(image.info().format.channels(), levels[level].channels);
    const Raster expected = expected_raster(levels[level], image.info().format, image.memory);
    std::vector<Rect> rects{Rect::of(size), {size.width - 1, size.height - 1, 1, 1}};
    for (int i = 0; i < kRandomRects; ++i) rects.push_back(random_rect(size, random));
    for (const Rect& rect : rects) {
      const Raster part = image.read(level, rect);
      ASSERT_EQ(part.size(), rect.size());
      EXPECT_LE(largest_difference(part, expected, rect), levels[level].tolerance)
          << "level " << level << ", " << rect.width << "x" << rect.height << " at " << rect.x
          << "," << rect.y;
    }
  }
  EXPECT_LT(image.memory.budget.used(), std::uint64_t{1}) << "memory still counted";
}

inline void check_files(const std::string& prefix, std::size_t at_least) {
  const auto files = expectations(prefix);
  ASSERT_GE(files.size(), at_least);
  for (const auto& [name, levels] : files) check_file(name, levels);
}

}  // namespace iip::test

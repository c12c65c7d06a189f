// Compares what a source reads, whole and in pieces, with what the manifest of the test pictures
// says.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "support/images.h"

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

template <class T>
double largest_difference_of(const Raster& part, const Raster& whole, const Rect& rect) {
  double largest = 0;
  const auto first = static_cast<std::size_t>(rect.x * whole.channels());
  for (std::int64_t y = 0; y < rect.height; ++y) {
    const std::span<const T> a = part.samples<T>(y);
    const std::span<const T> b = whole.samples<T>(rect.y + y).subspan(first, a.size());
    if (std::memcmp(a.data(), b.data(), a.size_bytes()) == 0) continue;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (std::memcmp(&a[i], &b[i], sizeof(T)) == 0) continue;  // infinite, or not a number
      const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
      largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
    }
  }
  return largest;
}

// The largest difference between `part` and what `whole` holds at `rect`.
inline double largest_difference(const Raster& part, const Raster& whole, const Rect& rect) {
  switch (whole.format().type) {
    case SampleType::u16:
      return largest_difference_of<std::uint16_t>(part, whole, rect);
    case SampleType::u32:
      return largest_difference_of<std::uint32_t>(part, whole, rect);
    case SampleType::f32:
      return largest_difference_of<float>(part, whole, rect);
    default:
      return largest_difference_of<std::uint8_t>(part, whole, rect);
  }
}

// Of `levels` the first `listed` are those that the image says it has.
inline void check_file(const std::string& name, const std::vector<Expected>& levels,
                       std::size_t listed) {
  SCOPED_TRACE(name);
  const std::size_t at = name.find('@');
  OpenImage image(image_path(name.substr(0, at)),
                  at == std::string::npos ? 0 : std::stoul(name.substr(at + 1)));
  ASSERT_EQ(image.info().levels.size(), listed);
  std::mt19937 random(1);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Size& size = levels[level].size;
    if (level < listed) {
      ASSERT_EQ(image.info().levels[level].size, size) << "level " << level;
    }
    ASSERT_EQ(image.info().format.channels(), levels[level].channels);
    ASSERT_EQ(image.info().format.type, levels[level].type);
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
  for (const auto& [name, levels] : files) check_file(name, levels, levels.size());
}

}  // namespace iip::test

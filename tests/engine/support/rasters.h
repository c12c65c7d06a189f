// Rasters made from formulas and files, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/allowance.h"
#include "engine/image/raster.h"
#include "engine/image/sample.h"

namespace iip::test {

inline constexpr PixelFormat kGrey{SampleType::u8, ColourModel::grey, false};
inline constexpr PixelFormat kGreyAlpha{SampleType::u8, ColourModel::grey, true};
inline constexpr PixelFormat kRgb{SampleType::u8, ColourModel::rgb, false};
inline constexpr PixelFormat kRgba{SampleType::u8, ColourModel::rgb, true};

// Memory enough for any test. Destroyed after the rasters that the test declares later.
struct Memory {
  MemoryPool pool{std::uint64_t{1} << 30U};
  MemoryBudget budget{pool, std::uint64_t{1} << 30U};
  Allowance allowance{budget};  // time without end
};

// Unwraps a result; an error ends the test program's current test with its text.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + ": " + result.error().detail);
  return std::move(*result);
}

// sample(x, y, c) gives each 8-bit sample.
template <class Sample>
Raster make_raster(const Size& size, const PixelFormat& format, Memory& memory, Sample sample) {
  Raster raster = must(Raster::create(size, format, memory.budget));
  for (std::int64_t y = 0; y < size.height; ++y) {
    std::uint8_t* to = raster.row(y);
    for (std::int64_t x = 0; x < size.width; ++x) {
      for (int c = 0; c < format.channels(); ++c) {
        *to++ = static_cast<std::uint8_t>(sample(x, y, c));
      }
    }
  }
  return raster;
}

// The same with samples of any type.
template <class Sample>
Raster make_values(const Size& size, const PixelFormat& format, Memory& memory, Sample sample) {
  Raster raster = must(Raster::create(size, format, memory.budget));
  with_sample_type(format.type, [&](auto type) {
    using T = decltype(type);
    for (std::int64_t y = 0; y < size.height; ++y) {
      T* to = raster.samples<T>(y).data();
      for (std::int64_t x = 0; x < size.width; ++x) {
        for (int c = 0; c < format.channels(); ++c) *to++ = static_cast<T>(sample(x, y, c));
      }
    }
  });
  return raster;
}

inline double value(const Raster& raster, std::int64_t x, std::int64_t y, int c = 0) {
  return with_sample_type(raster.format().type, [&](auto type) {
    const auto at = static_cast<std::size_t>(x * raster.channels() + c);
    return static_cast<double>(raster.samples<decltype(type)>(y)[at]);
  });
}

inline int sample(const Raster& raster, std::int64_t x, std::int64_t y, int c = 0) {
  return raster.row(y)[x * raster.channels() + c];
}

// The pixels row after row, without padding.
inline std::vector<std::uint8_t> packed(const Raster& raster) {
  std::vector<std::uint8_t> bytes;
  for (std::int64_t y = 0; y < raster.size().height; ++y) {
    bytes.insert(bytes.end(), raster.row(y), raster.row(y) + raster.row_bytes());
  }
  return bytes;
}

inline Raster unpacked(const std::vector<std::uint8_t>& bytes, const Size& size,
                       const PixelFormat& format, Memory& memory) {
  Raster raster = must(Raster::create(size, format, memory.budget));
  if (bytes.size() != raster.row_bytes() * static_cast<std::size_t>(size.height)) {
    throw std::runtime_error("the pixels do not have the size expected");
  }
  for (std::int64_t y = 0; y < size.height; ++y) {
    std::memcpy(raster.row(y), bytes.data() + static_cast<std::size_t>(y) * raster.row_bytes(),
                raster.row_bytes());
  }
  return raster;
}

struct Difference {
  double mean = 0;
  int largest = 0;
};

// Of two rasters of one size and format, leaving out `margin` pixels along every edge.
inline Difference difference(const Raster& a, const Raster& b, std::int64_t margin = 0) {
  EXPECT_EQ(a.size(), b.size());
  EXPECT_EQ(a.format(), b.format());
  Difference result;
  double sum = 0;
  double count = 0;
  for (std::int64_t y = margin; y < a.size().height - margin; ++y) {
    for (std::int64_t x = margin; x < a.size().width - margin; ++x) {
      for (int c = 0; c < a.channels(); ++c) {
        const int distance = std::abs(sample(a, x, y, c) - sample(b, x, y, c));
        result.largest = std::max(result.largest, distance);
        sum += distance;
        ++count;
      }
    }
  }
  EXPECT_GT(count, 0);
  result.mean = sum / count;
  return result;
}

}  // namespace iip::test

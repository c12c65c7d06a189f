// Processing of noise, each step compared with the oracle's.
#pragma once

#include "process_support.h"

namespace iip::test {

inline Rect whole(const Raster& raster) {
  return {0, 0, raster.size().width, raster.size().height};
}

// A hash of a place, as a number of 32 bits.
inline std::uint32_t noise(std::int64_t x, std::int64_t y, int c) {
  auto h = static_cast<std::uint32_t>(x * 374761393 + y * 668265263 + c * 974711 + 12345);
  h = (h ^ (h >> 13U)) * 1274126177U;
  h = (h ^ (h >> 16U)) * 2246822519U;
  return h ^ (h >> 15U);
}

inline double noise_of(SampleType type, std::int64_t x, std::int64_t y, int c) {
  const std::uint32_t bits = noise(x, y, c);
  switch (type) {
    case SampleType::u8:
      return bits >> 24U;
    case SampleType::u16:
      return bits >> 16U;
    case SampleType::u32:
      return bits;
    default:
      return static_cast<float>(bits) / 4294967296.0F * 300 - 50;
  }
}

// Ranges that leave some of the samples outside.
inline SampleScale scale_for(const PixelFormat& format) {
  SampleScale scale = full_scale(format);
  for (std::size_t c = 0; c < scale.ranges.size(); ++c) {
    const auto shift = static_cast<double>(c);
    if (format.type == SampleType::u8) scale.ranges[c] = {3 + shift, 250 - shift};
    if (format.type == SampleType::u16) scale.ranges[c] = {500 + shift, 61000 - 100 * shift};
    if (format.type == SampleType::u32) scale.ranges[c] = {1e8 + shift, 4e9};
    if (format.type == SampleType::f32) scale.ranges[c] = {-20 - shift, 230};
  }
  return scale;
}

struct Process : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster noisy(const PixelFormat& format, const Size& size = {61, 23}) {
    return make_values(size, format, memory,
                       [&](auto x, auto y, int c) { return noise_of(format.type, x, y, c); });
  }

  void compare(const Raster& input, const std::vector<ProcessingJob>& jobs,
               const std::vector<std::string>& names) {
    const std::vector<double> all = expected_samples(input, jobs);
    std::span<const double> expected = all;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const ProcessingJob& job = jobs[i];
      Raster copy = unpacked(packed(input), input.size(), input.format(), memory);
      const Raster output = must(process(std::move(copy), whole(input), job, memory.allowance));
      ASSERT_EQ(output.format(), processed_format(job.processing, input.format(), job.bits));
      expect_samples(output, expected, names[i]);
      if (HasFatalFailure()) return;
      expected =
          expected.subspan(static_cast<std::size_t>(output.size().area() * output.channels()));
    }
    EXPECT_TRUE(expected.empty());
  }
};

}  // namespace iip::test

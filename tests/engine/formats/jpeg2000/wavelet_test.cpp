// The inverse wavelets, by the examples of their standard and by its equations: impulses, ramps,
// odd sizes and places, lines of one sample, and parts.
#include "engine/formats/jpeg2000/decode/wavelet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "draw.h"
#include "reference_wavelet.h"

namespace iip::test {
namespace {

// A filter of the engine with the reference for it.
struct Filter53 {
  using Sample = std::int32_t;
  using Exact = std::int64_t;
  using Reference = Reference53;
  static constexpr bool kReversible = true;
  static constexpr double kPrecision = 0;
  static Sample stored(Exact value, std::int64_t, std::int64_t) {
    return static_cast<Sample>(value);
  }
};
struct Filter97 {
  using Sample = float;
  using Exact = double;
  using Reference = Reference97;
  static constexpr bool kReversible = false;
  // Of the largest sample. OpenJPEG's scale of the high-pass samples, which the engine shares, is a
  // thirty-thousandth less than that of the standard, for both directions.
  static constexpr double kPrecision = 1e-4;
  // Steps are without the gain of a band, which is two for each high-pass filter.
  static Sample stored(Exact value, std::int64_t x, std::int64_t y) {
    return static_cast<Sample>(value / static_cast<double>(1 << ((x & 1) + (y & 1))));
  }
};

// As the engine wants bands: in each row first the samples of even places, then those of odd ones.
template <class Filter>
J2kSamples<typename Filter::Sample> bands_of(const Plane<typename Filter::Exact>& plane,
                                             const Rect& area) {
  J2kSamples<typename Filter::Sample> bands(area);
  for (std::int64_t y = area.y; y < area.bottom(); ++y) {
    auto* out = bands.row(y);
    for (const std::int64_t parity : {0, 1}) {
      for (std::int64_t x = area.x; x < area.right(); ++x) {
        if ((x & 1) == parity) *out++ = Filter::stored(plane.at(x, y), x, y);
      }
    }
  }
  return bands;
}

template <class Filter>
void expect_inverts(const Plane<typename Filter::Exact>& coefficients,
                    const Plane<typename Filter::Exact>& wanted) {
  auto area = bands_of<Filter>(coefficients, wanted.rect);
  j2k_inverse_wavelet(area);
  double most = 0;
  for (const auto sample : wanted.samples) {
    most = std::max(most, std::abs(static_cast<double>(sample)));
  }
  for (std::int64_t y = wanted.rect.y; y < wanted.rect.bottom(); ++y) {
    for (std::int64_t x = wanted.rect.x; x < wanted.rect.right(); ++x) {
      ASSERT_NEAR(static_cast<double>(area.row(y)[x - wanted.rect.x]),
                  static_cast<double>(wanted.at(x, y)), Filter::kPrecision * most)
          << "at " << x << ", " << y << " of " << wanted.rect.x << ", " << wanted.rect.y << ", "
          << wanted.rect.width << " x " << wanted.rect.height;
    }
  }
}

template <class Filter>
class Wavelet : public ::testing::Test {};
using Filters = ::testing::Types<Filter53, Filter97>;
TYPED_TEST_SUITE(Wavelet, Filters);

// All sizes around that of vectors, from even and from odd places.
std::vector<Rect> lines() {
  std::vector<Rect> rects;
  for (std::int64_t length = 1; length <= 19; ++length) {
    for (const std::int64_t start : {0, 1, 6, 7}) {
      rects.push_back({start, 0, length, 1});
      rects.push_back({0, start, 1, length});
      rects.push_back({start, 3, length, 2});
      rects.push_back({5, start, 3, length});
    }
  }
  return rects;
}

TYPED_TEST(Wavelet, AnImpulseAnywhere) {
  for (const Rect& rect : lines()) {
    for (std::size_t at = 0; at < static_cast<std::size_t>(rect.width * rect.height); ++at) {
      Plane<typename TypeParam::Exact> coefficients(rect);
      coefficients.samples[at] = at % 2 == 0 ? 640 : -640;
      expect_inverts<TypeParam>(coefficients,
                                inverse_wavelet<typename TypeParam::Reference>(coefficients));
    }
  }
}

TYPED_TEST(Wavelet, Ramps) {
  for (const Rect& rect : lines()) {
    Plane<typename TypeParam::Exact> ramp(rect);
    for (std::int64_t y = rect.y; y < rect.bottom(); ++y) {
      for (std::int64_t x = rect.x; x < rect.right(); ++x) {
        ramp.at(x, y) = static_cast<typename TypeParam::Exact>(7 * x - 11 * y - 50);
      }
    }
    expect_inverts<TypeParam>(forward_wavelet<typename TypeParam::Reference>(ramp), ramp);
  }
}

template <class Exact>
Plane<Exact> noise(const Rect& rect, std::uint32_t seed) {
  Draw draw(seed);
  Plane<Exact> plane(rect);
  for (Exact& sample : plane.samples) sample = static_cast<Exact>(draw.between(-2000, 2000));
  return plane;
}

// Wider than the columns that are filtered together, and as many as not.
TYPED_TEST(Wavelet, PicturesOfOddSizesAndPlaces) {
  for (const Rect& rect : std::vector<Rect>{{0, 0, 64, 64},
                                            {1, 0, 63, 33},
                                            {0, 1, 33, 17},
                                            {3, 5, 71, 29},
                                            {101, 77, 32, 32},
                                            {100, 77, 31, 2},
                                            {7, 8, 2, 31},
                                            {1, 1, 1, 1},
                                            {1, 0, 1, 40},
                                            {0, 1, 40, 1}}) {
    const auto picture = noise<typename TypeParam::Exact>(rect, 1);
    expect_inverts<TypeParam>(forward_wavelet<typename TypeParam::Reference>(picture), picture);
    if (rect.width == 1 || rect.height == 1) continue;  // where not every number can be halved
    const auto coefficients = noise<typename TypeParam::Exact>(rect, 2);
    expect_inverts<TypeParam>(coefficients,
                              inverse_wavelet<typename TypeParam::Reference>(coefficients));
  }
}

// The samples of a part are those of the whole, to the last bit.
TYPED_TEST(Wavelet, Parts) {
  const Rect whole{5, 4, 75, 43};
  const auto coefficients = noise<typename TypeParam::Exact>(whole, 3);
  auto all = bands_of<TypeParam>(coefficients, whole);
  j2k_inverse_wavelet(all);
  Draw draw(4);
  for (int run = 0; run < 300; ++run) {
    const std::int64_t left = draw.between(5, 79);
    const std::int64_t top = draw.between(4, 46);
    const Rect part{left, top, draw.between(1, static_cast<int>(80 - left)),
                    draw.between(1, static_cast<int>(47 - top))};
    const Rect around = j2k_filter_area(part, whole, TypeParam::kReversible);
    ASSERT_EQ(intersect(around, whole), around);
    auto area = bands_of<TypeParam>(coefficients, around);
    j2k_inverse_wavelet(area);
    for (std::int64_t y = part.y; y < part.bottom(); ++y) {
      for (std::int64_t x = part.x; x < part.right(); ++x) {
        ASSERT_EQ(area.row(y)[x - around.x], all.row(y)[x - whole.x])
            << x << ", " << y << " of run " << run;
      }
    }
  }
}

TEST(WaveletArea, SamplesInABand) {
  for (std::int64_t start = 0; start < 6; ++start) {
    for (std::int64_t length = 0; length < 7; ++length) {
      for (const int odd : {0, 1}) {
        std::vector<std::int64_t> places;
        for (std::int64_t k = 0; k < 20; ++k) {
          if (2 * k + odd >= start && 2 * k + odd < start + length) places.push_back(k);
        }
        const auto size = static_cast<std::int64_t>(places.size());
        const Rect across = j2k_area_in_band({start, 8, length, 4}, odd, 0);
        EXPECT_EQ(across.width, size);
        EXPECT_EQ(across.y, 4);
        EXPECT_EQ(across.height, 2);
        const Rect down = j2k_area_in_band({8, start, 4, length}, 1, odd);
        EXPECT_EQ(down.height, size);
        EXPECT_EQ(down.x, 4);
        EXPECT_EQ(down.width, 2);
        if (places.empty()) continue;
        EXPECT_EQ(across.x, places.front());
        EXPECT_EQ(down.y, places.front());
      }
    }
  }
}

// Low-pass samples are means, and high-pass ones without their gain are what alternates.
TEST(Wavelet97, GainsOfBothFilters) {
  const Rect rect{0, 0, 40, 30};
  for (const std::int64_t odd_across : {0, 1}) {
    for (const std::int64_t odd_down : {0, 1}) {
      J2kSamples<float> area(rect);
      for (std::int64_t y = 0; y < rect.height; ++y) {
        for (std::int64_t x = 0; x < rect.width; ++x) {
          const bool is_in = (x >= rect.width / 2) == (odd_across == 1) && y % 2 == odd_down;
          area.row(y)[x] = is_in ? 100.0F : 0.0F;
        }
      }
      j2k_inverse_wavelet(area);
      for (std::int64_t y = 0; y < rect.height; ++y) {
        for (std::int64_t x = 0; x < rect.width; ++x) {
          const bool is_negative = ((odd_across * (x + 1) + odd_down * (y + 1)) & 1) != 0;
          ASSERT_NEAR(area.row(y)[x], is_negative ? -100.0F : 100.0F, 100 * Filter97::kPrecision)
              << x << ", " << y << " of " << odd_across << ", " << odd_down;
        }
      }
    }
  }
}

// ISO/IEC 15444-1 J.10: a column of nine samples.
TEST(Wavelet53, TheColumnOfTheStandard) {
  std::vector<std::int32_t> samples{-26, 1, -22, 5, -30, 1, -32, 0, -19};
  J2kSamples<std::int32_t> area({0, 0, 1, 9}, samples.data());
  j2k_inverse_wavelet(area);
  for (std::int32_t& sample : samples) sample += 128;
  EXPECT_EQ(samples, (std::vector<std::int32_t>{101, 103, 104, 105, 96, 97, 96, 102, 109}));
}

using Rows = std::vector<std::vector<std::int32_t>>;

// One level: the low-pass rows and high-pass ones in turns, each of two bands.
Rows joined(const Rows& ll, const Rows& hl, const Rows& lh, const Rows& hh) {
  Rows rows;
  for (std::size_t i = 0; i < ll.size(); ++i) {
    rows.push_back(ll[i]);
    rows.back().insert(rows.back().end(), hl[i].begin(), hl[i].end());
    if (i == lh.size()) break;
    rows.push_back(lh[i]);
    rows.back().insert(rows.back().end(), hh[i].begin(), hh[i].end());
  }
  const Rect rect{0, 0, static_cast<std::int64_t>(rows[0].size()),
                  static_cast<std::int64_t>(rows.size())};
  J2kSamples<std::int32_t> area(rect);
  for (std::int64_t y = 0; y < rect.height; ++y) {
    std::copy_n(rows[static_cast<std::size_t>(y)].begin(), rect.width, area.row(y));
  }
  j2k_inverse_wavelet(area);
  for (std::int64_t y = 0; y < rect.height; ++y) {
    std::copy_n(area.row(y), rect.width, rows[static_cast<std::size_t>(y)].begin());
  }
  return rows;
}

// J.4, tables J.3 and J.11 to J.17: a picture of 13 x 17 in two levels.
TEST(Wavelet53, ThePictureOfTheStandard) {
  const Rows ll1 =
      joined({{0, 4, 8, 12}, {4, 5, 8, 12}, {8, 8, 11, 15}, {12, 12, 14, 18}, {16, 16, 18, 20}},
             {{0, 0, 0}, {0, 1, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}},
             {{0, 0, 0, 0}, {0, 1, 1, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}},
             {{-1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, 0}});
  const Rows picture = joined(ll1,
                              {{0, 0, 0, 0, 0, 0},
                               {0, 0, 0, 0, 0, 0},
                               {0, 1, 0, 1, 0, 0},
                               {0, 0, 0, 0, -1, 1},
                               {0, 0, 0, 0, 1, 1},
                               {0, 0, 1, 1, 0, -1},
                               {0, 0, 1, 0, 1, 1},
                               {0, 0, 0, 0, 0, 0},
                               {0, 0, 0, 0, 0, 0}},
                              {{0, 0, 0, 0, 0, 0, 0},
                               {0, 0, 1, 0, 0, 0, 0},
                               {0, 0, 0, 0, 0, 1, 1},
                               {0, 0, 1, 0, 0, 1, 1},
                               {0, 0, 0, 0, 1, 0, 2},
                               {0, 0, 0, 0, 0, 0, 1},
                               {0, 0, 0, 0, 0, 0, 1},
                               {0, 0, 0, 0, 1, 1, 0}},
                              {{0, 0, 0, 0, 0, 0},
                               {0, 0, 0, 0, 0, 0},
                               {0, 0, 1, 0, 1, 0},
                               {0, 0, 0, 0, 0, 1},
                               {0, 0, 0, 0, 0, 1},
                               {0, 0, 0, 1, 0, 0},
                               {0, 0, 0, 0, 0, 1},
                               {0, 0, 0, 0, -1, 0}});
  ASSERT_EQ(picture.size(), 17U);
  for (std::size_t y = 0; y < 17; ++y) {
    for (std::size_t x = 0; x < 13; ++x) {
      // Table J.3 is the distance from the first sample.
      const int distance = static_cast<int>(std::sqrt(static_cast<double>(x * x + y * y)));
      EXPECT_EQ(picture[y][x], distance) << x << ", " << y;
    }
  }
}

// Numbers of a damaged file wrap around; for the sanitizers.
TEST(Wavelet53, NumbersTooLarge) {
  J2kSamples<std::int32_t> area({1, 0, 37, 9});
  Draw draw(5);
  for (std::int64_t y = 0; y < 9; ++y) {
    for (std::int64_t x = 0; x < 37; ++x) {
      area.row(y)[x] = draw.happens(50) ? INT32_MAX : INT32_MIN;
    }
  }
  j2k_inverse_wavelet(area);
}

}  // namespace
}  // namespace iip::test

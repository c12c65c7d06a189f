#include "engine/pipeline/watermark.h"

#include <set>

#include "support/rasters.h"

namespace iip::test {
namespace {

struct Marks : ::testing::Test {
  Memory memory;

  Raster uniform(const Size& size, const PixelFormat& format, int value) {
    return make_raster(size, format, memory, [&](auto, auto, int) { return value; });
  }
  Raster uniform16(const Size& size, const PixelFormat& format, std::uint16_t value) {
    Raster raster = must(Raster::create(size, format, memory.budget));
    for (std::int64_t y = 0; y < size.height; ++y) {
      for (std::uint16_t& sample : raster.samples<std::uint16_t>(y)) sample = value;
    }
    return raster;
  }
  // Each channel of its own value, over the whole of the mark.
  Watermark mark_of(const Size& size, const PixelFormat& format, const std::vector<int>& channels) {
    return must(Watermark::from(
        make_raster(size, format, memory,
                    [&](auto, auto, int c) { return channels[static_cast<std::size_t>(c)]; }),
        8));
  }
  static MarkedPart whole(const Size& plane, double opacity = 1) {
    return {{1, 2}, plane, Rect::of(plane), 512, 1, opacity};
  }
};

// As large as the plane, so that it lies over all of it.
TEST_F(Marks, BlendByAlphaTimesOpacity) {
  const Watermark mark = mark_of({8, 8}, kRgba, {200, 100, 0, 128});
  const double above = 128 / 255.0 * 0.5;
  const auto over = [&](double under, double colour) {
    return static_cast<int>(std::lround(colour * above + under * (1 - above)));
  };
  Raster rgb = uniform({8, 8}, kRgb, 50);
  ASSERT_TRUE(mark.lay_over(rgb, whole({8, 8}, 0.5), {}));
  EXPECT_EQ(sample(rgb, 3, 3, 0), over(50, 200));
  EXPECT_EQ(sample(rgb, 3, 3, 1), over(50, 100));
  EXPECT_EQ(sample(rgb, 3, 3, 2), over(50, 0));
  Raster grey = uniform({8, 8}, kGrey, 50);
  ASSERT_TRUE(mark.lay_over(grey, whole({8, 8}, 0.5), {}));
  EXPECT_EQ(sample(grey, 0, 7), over(50, std::round(0.299 * 200 + 0.587 * 100)));
}

TEST_F(Marks, SixteenBitsBlendAtTheirOwnDepth) {
  const PixelFormat format{SampleType::u16, ColourModel::rgb, false};
  Raster deep = uniform16({4, 4}, format, 1000);
  ASSERT_TRUE(mark_of({4, 4}, kGreyAlpha, {200, 51}).lay_over(deep, whole({4, 4}), {}));
  // 51 is a fifth of 255; 200 of 255 are 51400 of 65535.
  for (const std::uint16_t value : deep.samples<std::uint16_t>(2)) {
    EXPECT_EQ(value, std::lround(51400 * 0.2 + 1000 * 0.8));
  }
}

TEST_F(Marks, TransparentPicturesBecomeAsOpaqueAsTheMark) {
  Raster clear =
      make_raster({4, 4}, kRgba, memory, [](auto, auto, int c) { return c == 3 ? 0 : 77; });
  ASSERT_TRUE(mark_of({4, 4}, kRgba, {10, 20, 30, 102}).lay_over(clear, whole({4, 4}), {}));
  EXPECT_EQ((std::vector<int>{sample(clear, 1, 1, 0), sample(clear, 1, 1, 1),
                              sample(clear, 1, 1, 2), sample(clear, 1, 1, 3)}),
            (std::vector<int>{10, 20, 30, 102}));
  // Half over half: alpha is 1 - 1/4, and the mark has two parts of three.
  Raster half =
      make_raster({4, 4}, kGreyAlpha, memory, [](auto, auto, int c) { return c == 1 ? 128 : 0; });
  ASSERT_TRUE(mark_of({4, 4}, kGreyAlpha, {255, 128}).lay_over(half, whole({4, 4}), {}));
  const double a = 128 / 255.0;
  EXPECT_EQ(sample(half, 0, 0, 1), std::lround(255 * (a + a * (1 - a))));
  EXPECT_EQ(sample(half, 0, 0, 0), std::lround(255 * a / (a + a * (1 - a))));
}

TEST_F(Marks, FurtherChannelsStayAsTheyAre) {
  const PixelFormat bands{SampleType::u8, ColourModel::rgb, true, 2};
  Raster raster = uniform({4, 4}, bands, 90);
  ASSERT_TRUE(mark_of({4, 4}, kGrey, {255}).lay_over(raster, whole({4, 4}), {}));
  EXPECT_EQ(sample(raster, 2, 2, 0), 255);
  EXPECT_EQ(sample(raster, 2, 2, 3), 90);
  EXPECT_EQ(sample(raster, 2, 2, 4), 90);
  EXPECT_EQ(sample(raster, 2, 2, 5), 255);
}

TEST_F(Marks, PartsShowWhatTheWholeShows) {
  const Watermark mark = must(Watermark::from(
      make_raster({90, 60}, kRgba, memory,
                  [](auto x, auto y, int c) { return c == 3 ? 200 : x * 2 + y + c * 20; }),
      8));
  const Size plane{700, 500};
  const auto where = [&](const Rect& part) {
    return MarkedPart{{7, 9}, plane, part, 128, 0.7, 0.8};
  };
  Raster picture = uniform(plane, kRgb, 40);
  ASSERT_TRUE(mark.lay_over(picture, where(Rect::of(plane)), {}));
  // Tiles that do not match the blocks.
  for (std::int64_t y = 0; y < plane.height; y += 96) {
    for (std::int64_t x = 0; x < plane.width; x += 110) {
      const Rect part = intersect({x, y, 110, 96}, Rect::of(plane));
      Raster tile = uniform(part.size(), kRgb, 40);
      ASSERT_TRUE(mark.lay_over(tile, where(part), {}));
      for (std::int64_t row = 0; row < part.height; ++row) {
        const std::uint8_t* expected = picture.row(part.y + row) + part.x * 3;
        ASSERT_TRUE(std::equal(tile.row(row), tile.row(row) + part.width * 3, expected));
      }
    }
  }
}

// The blocks of a plane that show a white mark, and where it begins in each.
struct Found {
  int marked = 0;
  std::set<std::pair<std::int64_t, std::int64_t>> places;
};
Found find(const Raster& grey, std::int64_t block, const Size& mark) {
  Found found;
  for (std::int64_t y = 0; y < grey.size().height; y += block) {
    for (std::int64_t x = 0; x < grey.size().width; x += block) {
      std::int64_t left = block;
      std::int64_t top = block;
      std::int64_t count = 0;
      for (std::int64_t i = 0; i < block * block; ++i) {
        if (sample(grey, x + i % block, y + i / block) == 0) continue;
        left = std::min(left, i % block);
        top = std::min(top, i / block);
        ++count;
      }
      if (count == 0) continue;
      EXPECT_EQ(count, mark.area());  // whole, within the block
      ++found.marked;
      found.places.insert({left, top});
    }
  }
  return found;
}

TEST_F(Marks, ProbabilityIsTheShareOfBlocks) {
  const Size size{5, 3};
  const Watermark mark = mark_of(size, kGrey, {255});
  const Size plane{1600, 1600};  // 10000 blocks
  for (const double probability : {0.0, 0.1, 0.5, 1.0}) {
    Raster grey = uniform(plane, kGrey, 0);
    ASSERT_TRUE(mark.lay_over(grey, {{3, 4}, plane, Rect::of(plane), 16, probability, 1}, {}));
    const Found found = find(grey, 16, size);
    // Five standard deviations of the binomial distribution.
    EXPECT_NEAR(found.marked, 10'000 * probability,
                5 * std::sqrt(10'000 * probability * (1 - probability)));
    if (probability == 1) {
      EXPECT_EQ(found.places.size(), 12U * 14U);  // every place there is
    }
  }
}

TEST_F(Marks, ImagesAndPlanesDrawApart) {
  const Size size{4, 4};
  const Watermark mark = mark_of(size, kGrey, {255});
  const auto places = [&](const Digest& image, const Size& plane) {
    Raster grey = uniform({64, 64}, kGrey, 0);
    EXPECT_TRUE(mark.lay_over(grey, {image, plane, {0, 0, 64, 64}, 64, 1, 1}, {}));
    return find(grey, 64, size).places;
  };
  EXPECT_EQ(places({1, 1}, {640, 640}), places({1, 1}, {640, 640}));
  EXPECT_NE(places({1, 1}, {640, 640}), places({1, 2}, {640, 640}));
  EXPECT_NE(places({1, 1}, {640, 640}), places({1, 1}, {320, 320}));
}

TEST_F(Marks, AMarkLargerThanItsBlockIsCut) {
  const Watermark mark = must(Watermark::from(
      make_raster({100, 100}, kGrey, memory, [](auto x, auto y, int) { return x + y; }), 8));
  Raster grey = uniform({50, 40}, kGrey, 255);
  ASSERT_TRUE(mark.lay_over(grey, {{1, 1}, {50, 40}, {0, 0, 50, 40}, 32, 1, 1}, {}));
  for (std::int64_t y = 0; y < 40; ++y) {
    for (std::int64_t x = 0; x < 50; ++x) ASSERT_EQ(sample(grey, x, y), x % 32 + y % 32);
  }
}

TEST_F(Marks, DeepMarksAreReadByTheirBits) {
  const PixelFormat format{SampleType::u16, ColourModel::grey, false};
  Raster grey = uniform({2, 2}, kGrey, 0);
  const Watermark twelve = must(Watermark::from(uniform16({2, 2}, format, 4095), 12));
  ASSERT_TRUE(twelve.lay_over(grey, whole({2, 2}), {}));
  EXPECT_EQ(sample(grey, 0, 0), 255);
}

TEST_F(Marks, RefusesWhatHasNoColours) {
  const Raster lab =
      must(Raster::create({2, 2}, {SampleType::f32, ColourModel::lab, false}, memory.budget));
  EXPECT_FALSE(Watermark::from(lab, 32));
  Raster floats =
      must(Raster::create({2, 2}, {SampleType::f32, ColourModel::grey, false}, memory.budget));
  EXPECT_FALSE(mark_of({2, 2}, kGrey, {9}).lay_over(floats, whole({2, 2}), {}));
}

}  // namespace
}  // namespace iip::test

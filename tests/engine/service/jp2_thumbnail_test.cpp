// Smaller pictures of JPEG 2000 files, of whose code-blocks not all is decoded: against the same
// pictures made of what opj_decompress gives for the whole of the level.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/service/open_image.h"
#include "engine/service/picture.h"
#include "source/images.h"

namespace iip::test {
namespace {

// Exactly what was expected of each level.
class ExpectedLevels : public Source {
 public:
  ExpectedLevels(const ImageInfo& info, const std::vector<Expected>& levels, Memory& memory)
      : Source(info) {
    for (const Expected& level : levels) {
      levels_.push_back(expected_raster(level, info.format, memory));
    }
  }

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override {
    auto raster = Raster::create(rect.size(), info_.format, context.budget);
    const std::size_t pixel = info_.format.pixel_bytes();
    for (std::int64_t y = 0; raster && y < rect.height; ++y) {
      std::copy_n(levels_[level].row(rect.y + y) + static_cast<std::size_t>(rect.x) * pixel,
                  static_cast<std::size_t>(rect.width) * pixel, raster->row(y));
    }
    return raster;
  }

 private:
  std::vector<Raster> levels_;
};

struct Difference {
  int most = 0;
  double mean = 0;
};

class Jp2Thumbnail : public ::testing::Test {
 protected:
  using Change = std::function<void(ImageRequest&, Settings&)>;

  // As PNG, decoded again.
  Raster picture(
      const std::shared_ptr<const Source>& source, const File& file, KeptStore* kept,
      std::uint64_t width, const Change& change = [](ImageRequest&, Settings&) {}) {
    ImageRequest request;
    request.size.form = SizeRequest::Form::width;
    request.size.width = width;
    request.format = Format::png;
    request.layers = -1;
    Settings settings;
    change(request, settings);
    const iip::OpenImage image(source);
    const Plan plan = must(make_plan(request, image.info(), settings));
    const Bytes png = must(make_picture(plan, image, {file, memory_.budget, log_, {}, kept}));
    write_file(folder_.file("picture.png"), png.data(), png.size());
    OpenImage made(folder_.file("picture.png"));
    return made.read(0, Rect::of(made.info().size()));
  }

  Difference difference(
      const std::string& name, std::uint64_t width,
      const Change& change = [](ImageRequest&, Settings&) {}) {
    OpenImage image(image_path(name));
    const auto exact =
        std::make_shared<const ExpectedLevels>(image.info(), expectations(name).at(name), memory_);
    const Raster ours = picture(image.source, image.file, &image.kept, width, change);
    const Raster expected = picture(exact, image.file, nullptr, width, change);
    EXPECT_EQ(ours.size(), expected.size());
    EXPECT_EQ(ours.format(), expected.format());
    return compare(ours, expected);
  }

  static Difference compare(const Raster& a, const Raster& b) {
    Difference difference;
    double sum = 0;
    double count = 0;
    for (std::int64_t y = 0; y < a.size().height; ++y) {
      for (std::size_t i = 0; i < a.row_bytes(); ++i, ++count) {
        const int of = std::abs(int{a.row(y)[i]} - int{b.row(y)[i]});
        difference.most = std::max(difference.most, of);
        sum += of;
      }
    }
    difference.mean = sum / count;
    return difference;
  }

  Memory memory_;
  NoLog log_;
  ScratchFolder folder_;
};

// Widths that are made from each of the levels of 512, 256 and 128; some have none of these.
TEST_F(Jp2Thumbnail, PhotographsDifferLittle) {
  const auto files = expectations("jp2_photo_");
  ASSERT_EQ(files.size(), 45U);
  double largest_mean = 0;
  for (const auto& [name, levels] : files) {
    for (const std::uint64_t width : {420U, 300U, 200U, 100U}) {
      const Difference of = difference(name, width);
      EXPECT_LE(of.most, 2) << name << " at " << width;
      EXPECT_LT(of.mean, 0.5) << name << " at " << width;
      largest_mean = std::max(largest_mean, of.mean);
    }
  }
  // It is not for nothing.
  EXPECT_GT(largest_mean, 0);
}

TEST_F(Jp2Thumbnail, DeepOnesDifferLittleAsTheyAreShown) {
  for (const char* name : {"jp2_rgb12u_lossy.jp2", "jp2_rgb12s_tiles.jp2", "jp2_16u_lossy.jp2"}) {
    const Difference of = difference(name, 200);
    EXPECT_LE(of.most, 2) << name;
    EXPECT_LT(of.mean, 0.5) << name;
    EXPECT_GT(of.mean, 0) << name;
  }
}

TEST_F(Jp2Thumbnail, WhateverTheFilter) {
  for (const Interpolation interpolation :
       {Interpolation::nearest, Interpolation::bilinear, Interpolation::lanczos}) {
    const auto change = [&](ImageRequest&, Settings& settings) {
      settings.interpolation = interpolation;
    };
    for (const char* name : {"jp2_photo_coffee_lossy.jp2", "jp2_photo_astronaut_lossy.jp2",
                             "jp2_photo_retina_tiles.jp2", "jp2_photo_rocket_lossless.jp2"}) {
      for (const std::uint64_t width : {420U, 300U, 200U, 150U}) {
        const Difference of = difference(name, width, change);
        EXPECT_LE(of.most, interpolation == Interpolation::nearest ? 0 : 2) << name << width;
        EXPECT_LT(of.mean, 0.5) << name << " at " << width;
      }
    }
  }
}

// What is not made smaller, or only just; values; and what could make more of a difference.
TEST_F(Jp2Thumbnail, OthersAreExact) {
  const std::string photo = "jp2_photo_coffee_lossy.jp2";
  EXPECT_EQ(difference(photo, 512).most, 0);
  EXPECT_EQ(difference(photo, 256).most, 0);
  EXPECT_EQ(difference(photo, 500).most, 0);
  const auto deep = [](ImageRequest& request, Settings&) { request.bits = 16; };
  EXPECT_EQ(difference("jp2_rgb12u_lossy.jp2", 200, deep).most, 0);
  const auto contrast = [](ImageRequest& request, Settings&) { request.processing.contrast = 3; };
  EXPECT_EQ(difference(photo, 200, contrast).most, 0);
  const auto bitonal = [](ImageRequest& request, Settings&) {
    request.colouring = Colouring::bitonal;
  };
  EXPECT_EQ(difference(photo, 200, bitonal).most, 0);
  EXPECT_EQ(difference("jp2_palette.jp2", 100).most, 0);
}

// What was left out for the one is there for the other, in whatever order they come.
TEST_F(Jp2Thumbnail, LeavesNoTraceInExactOnes) {
  const std::string name = "jp2_photo_coffee_lossy.jp2";
  const std::vector<Expected> levels = expectations(name).at(name);
  OpenImage image(image_path(name));
  const Raster first = picture(image.source, image.file, &image.kept, 200);
  for (std::size_t level = 0; level < 2; ++level) {
    const Raster whole = expected_raster(levels[level], image.info().format, image.memory);
    EXPECT_EQ(compare(image.read(level, Rect::of(levels[level].size)), whole).most, 0);
  }
  EXPECT_EQ(compare(picture(image.source, image.file, &image.kept, 200), first).most, 0);
  OpenImage other(image_path(name));
  other.read(1, Rect::of(levels[1].size));
  EXPECT_EQ(compare(picture(other.source, other.file, &other.kept, 200), first).most, 0);
}

}  // namespace
}  // namespace iip::test

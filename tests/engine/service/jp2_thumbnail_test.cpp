// Smaller pictures of JPEG 2000 files, of whose code-blocks not all is decoded: against the same
// pictures made of what opj_decompress gives for the whole of the level.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/pipeline/watermark.h"
#include "engine/plan/plan.h"
#include "engine/service/open_image.h"
#include "engine/service/picture.h"
#include "jp2_thumbnail_support.h"
#include "support/images.h"

namespace iip::test {
namespace {

class Jp2Thumbnail : public ::testing::Test {
 protected:
  using Change = std::function<void(ImageRequest&, Settings&)>;

  // As PNG, if nothing else is asked for; decoded again.
  Raster picture(
      const std::shared_ptr<const Source>& source, const File& file, DerivedDataCache* kept,
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
    const Bytes bytes = must(make_picture(plan, image, {file, memory_.budget, log_, {}, kept}));
    write_file(folder_.file("picture"), bytes.data(), bytes.size());
    OpenImage made(folder_.file("picture"));
    return made.read(0, Rect::of(made.info().size()));
  }

  PixelDifference difference(
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

  static PixelDifference compare(const Raster& a, const Raster& b) {
    PixelDifference difference;
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

  static void as_jpeg(ImageRequest& request, Settings&) { request.format = Format::jpeg; }

  // Of the JPEG that is made, and of what the encoder gets.
  JpegDifference jpeg_difference(const OpenImage& image, const std::shared_ptr<const Source>& exact,
                                 DerivedDataCache* kept, std::uint64_t width) {
    const auto ours = std::make_shared<const AsAtFirst>(image.source);
    const Raster jpeg = picture(ours, image.file, kept, width, as_jpeg);
    const Raster exact_jpeg = picture(exact, image.file, nullptr, width, as_jpeg);
    EXPECT_GT(ours->tolerance().chroma_error, 0);
    const Raster before = picture(ours, image.file, kept, width);
    const Raster exact_before = picture(exact, image.file, nullptr, width);
    JpegDifference difference = compare_as_ycc(before, exact_before);
    difference.most = compare(jpeg, exact_jpeg).most;
    difference.decibels = decibels(jpeg, exact_jpeg);
    difference.decibels_lost = decibels(exact_jpeg, exact_before) - decibels(jpeg, exact_before);
    return difference;
  }
  JpegDifference jpeg_difference(const std::string& name, std::uint64_t width) {
    OpenImage image(image_path(name));
    const auto exact =
        std::make_shared<const ExpectedLevels>(image.info(), expectations(name).at(name), memory_);
    return jpeg_difference(image, exact, &image.kept, width);
  }

  static JpegDifference compare_as_ycc(const Raster& a, const Raster& b) {
    JpegDifference difference;
    const Size& size = a.size();
    double squares = 0;
    for (std::int64_t y = 0; y < size.height; ++y) {
      for (std::int64_t x = 0; x < size.width; ++x) {
        const int of = std::abs(static_cast<int>(std::lround(ycc_of(a.row(y) + 3 * x)[0]) -
                                                 std::lround(ycc_of(b.row(y) + 3 * x)[0])));
        difference.luminance_most = std::max(difference.luminance_most, of);
        difference.luminance_mean += of;
        if (x % 2 != 0 || y % 2 != 0) continue;
        const Ycc means = mean_of_square(a, x, y);
        const Ycc others = mean_of_square(b, x, y);
        for (std::size_t i = 1; i < means.size(); ++i, ++squares) {
          const double chroma = std::abs(means[i] - others[i]);
          difference.chroma_most = std::max(difference.chroma_most, chroma);
          difference.chroma_mean += chroma;
        }
      }
    }
    difference.luminance_mean /= static_cast<double>(size.width * size.height);
    difference.chroma_mean /= squares;
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
      const PixelDifference of = difference(name, width);
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
    const PixelDifference of = difference(name, 200);
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
        const PixelDifference of = difference(name, width, change);
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

void expect_little(const JpegDifference& of, const std::string& what) {
  EXPECT_LE(of.luminance_most, 2) << what;
  EXPECT_LT(of.luminance_mean, 0.5) << what;
  EXPECT_LE(of.chroma_most, 2) << what;
  EXPECT_LT(of.chroma_mean, 0.5) << what;
  EXPECT_LT(of.decibels_lost, 0.1) << what;
}

// Of JPEGs all that is kept of colour differences are means over squares.
TEST_F(Jp2Thumbnail, JpegsOfPhotographsDifferLittle) {
  double largest_chroma_mean = 0;
  for (const auto& [name, levels] : expectations("jp2_photo_")) {
    if (levels[0].channels == 1) continue;
    for (const std::uint64_t width : {420U, 300U, 200U, 100U}) {
      const JpegDifference of = jpeg_difference(name, width);
      expect_little(of, name + " at " + std::to_string(width));
      EXPECT_GT(of.decibels, 38) << name << " at " << width;
      largest_chroma_mean = std::max(largest_chroma_mean, of.chroma_mean);
    }
  }
  // More is left out than for a PNG.
  EXPECT_GT(largest_chroma_mean, 0.2);
}

TEST_F(Jp2Thumbnail, JpegsOfDrawingsInStrongColoursDifferLittle) {
  const auto files = expectations("jp2_drawing_");
  ASSERT_EQ(files.size(), 3U);
  for (const auto& [name, levels] : files) {
    for (const std::uint64_t width : {420U, 300U, 200U, 100U}) {
      const JpegDifference of = jpeg_difference(name, width);
      expect_little(of, name + " at " + std::to_string(width));
      // Their JPEGs themselves are 17 to 21 dB from what is encoded.
      EXPECT_LE(of.most, 32) << name << " at " << width;
      EXPECT_GT(of.decibels, 38) << name << " at " << width;
    }
  }
}

TEST_F(Jp2Thumbnail, JpegsOfDeepOnesDifferLittle) {
  for (const char* name : {"jp2_rgb12u_lossy.jp2", "jp2_rgb12s_tiles.jp2"}) {
    const JpegDifference of = jpeg_difference(name, 200);
    expect_little(of, name);
    EXPECT_GT(of.chroma_mean, 0) << name;
  }
}

TEST_F(Jp2Thumbnail, JpegsOfLuminanceAndChromaDifferLittle) {
  for (const char* name : {"jp2_sycc.jp2", "jp2_ycc_300_2x2_00.jp2", "jp2_ycc_301_2x1_33.jp2"}) {
    OpenImage image(image_path(name));
    const auto exact = std::make_shared<const AsAtFirst>(image.source, ReadTolerance{});
    for (const std::uint64_t width : {200U, 100U}) {
      const JpegDifference of = jpeg_difference(image, exact, &image.kept, width);
      expect_little(of, name + std::string(" at ") + std::to_string(width));
    }
  }
}

// Where colour differences are not averaged, or something comes between.
TEST_F(Jp2Thumbnail, ChromaIsAsExactAsTheRestInOthers) {
  const std::string photo = "jp2_photo_coffee_lossy.jp2";
  const auto chroma_error = [&](const Change& change) {
    OpenImage image(image_path(photo));
    const auto source = std::make_shared<const AsAtFirst>(image.source);
    picture(source, image.file, &image.kept, 200, [&](ImageRequest& request, Settings& settings) {
      request.format = Format::jpeg;
      change(request, settings);
    });
    return source->tolerance().chroma_error;
  };
  EXPECT_GT(chroma_error([](ImageRequest&, Settings&) {}), 0);
  EXPECT_GT(chroma_error([](ImageRequest& request, Settings&) { request.rotation = 270; }), 0);
  EXPECT_EQ(chroma_error([](ImageRequest& request, Settings&) { request.rotation = 30; }), 0);
  EXPECT_EQ(chroma_error([](ImageRequest& request, Settings&) { request.format = Format::png; }),
            0);
  EXPECT_EQ(chroma_error([](ImageRequest& request, Settings&) { request.format = Format::tiff; }),
            0);
  EXPECT_EQ(
      chroma_error([](ImageRequest& request, Settings&) { request.colouring = Colouring::grey; }),
      0);
  EXPECT_EQ(chroma_error([](ImageRequest& request, Settings&) { request.processing.gamma = 2; }),
            0);
  const Watermark mark = must(
      Watermark::from(make_raster({8, 8}, kRgb, memory_, [](auto, auto, int) { return 200; }), 8));
  EXPECT_EQ(
      chroma_error([&](ImageRequest&, Settings& settings) { settings.watermarking.mark = &mark; }),
      0);
}

// What colours are made of in another way is as exact for JPEGs as for PNGs.
TEST_F(Jp2Thumbnail, ChromaThatIsNotKnownIsAsExactAsTheRest) {
  for (const char* name :
       {"jp2_rgba.jp2", "jp2_argb.jp2", "jp2_bgr.jp2", "jp2_no_mct.jp2", "jp2_palette.jp2"}) {
    OpenImage image(image_path(name));
    const auto width = static_cast<std::uint64_t>(image.info().levels[0].size.width * 2 / 3);
    const auto source = std::make_shared<const AsAtFirst>(image.source);
    picture(source, image.file, &image.kept, width, as_jpeg);
    EXPECT_GT(source->tolerance().chroma_error, 0) << name;
    EXPECT_EQ(compare(picture(source, image.file, &image.kept, width),
                      picture(image.source, image.file, &image.kept, width))
                  .most,
              0)
        << name;
  }
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

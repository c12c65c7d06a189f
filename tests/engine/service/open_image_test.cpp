#include "engine/service/open_image.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <thread>

#include "support/python.h"
#include "support/rasters.h"
#include "value_source.h"

namespace iip::test {
namespace {

// A ValueSource asks nothing of its file.
Result<File> any_file() { return File::adopt(UniqueFd(::dup(fileno(std::tmpfile())))); }

// Hills with a step, 0 to about 60000.
double hills(std::int64_t x, std::int64_t y, int c) {
  const auto fx = static_cast<double>(x);
  const auto fy = static_cast<double>(y);
  return 20000 + 9000 * std::sin(fx / 9) * std::cos(fy / 7) + (x * y % 41 < 20 ? 0.0 : 3000.0) +
         4000.0 * c + (x > 150 ? 15000.0 : 0.0);
}

struct OpenImageCache : ::testing::Test {
  Memory memory;
  NoLog log;
  std::shared_ptr<const ValueSource> source;

  OpenImage open(const PixelFormat& format, const SampleRange& range = {0, 65535},
                 std::size_t levels = 3, ValueSource::Formula formula = hills) {
    source = std::make_shared<ValueSource>(ValueSource::info_of({400, 300}, levels, format, range),
                                           std::move(formula));
    return OpenImage(source);
  }

  template <class Ask>
  auto with_context(Ask ask) {
    const Result<File> file = any_file();
    return ask(ReadContext{*file, memory.budget, log});
  }

  Raster read(const OpenImage& image, const ScaledPart& wanted, const Rendition& rendition) {
    return with_context([&](const ReadContext& context) {
      return must(image.read_processed(context, wanted, rendition));
    });
  }
};

std::vector<Processing> steps_with_context() {
  std::vector<Processing> steps(3);
  steps[0].kernel = Kernel{5, {}};
  steps[0].kernel->weights.fill(1);
  steps[0].kernel->weights[0] = 9;
  steps[1].hillshade = Hillshade{315, 45};
  steps[1].gamma = 0.7;
  steps[2] = steps[1];
  steps[2].kernel = Kernel{3, {0, -1, 0, -1, 5, -1, 0, -1, 0}};
  steps[2].map = ColourMap::jet;
  for (Processing& step : steps) step.contrast = 1.3;
  return steps;
}

// Tiles of a level, and of a picture scaled by whole factors, put together are the whole of it.
TEST_F(OpenImageCache, TilesOfAProcessedPictureMeetWithoutASeam) {
  for (const PixelFormat& format : {PixelFormat{SampleType::u16, ColourModel::grey, false},
                                    PixelFormat{SampleType::u16, ColourModel::rgb, false},
                                    PixelFormat{SampleType::f32, ColourModel::grey, false},
                                    PixelFormat{SampleType::u8, ColourModel::rgb, false}}) {
    const OpenImage image =
        open(format, {0, format.type == SampleType::u8 ? 255.0 : 65535.0}, 3,
             [&](auto x, auto y, int c) {
               return hills(x, y, c) / (format.type == SampleType::u8 ? 257 : 1);
             });
    auto steps = steps_with_context();
    steps.push_back({});
    steps.back().spread = Spread::equalise;
    steps.push_back({});
    steps.back().spread = Spread::stretch;
    for (const Processing& step : steps) {
      for (const std::size_t level : {0U, 1U}) {
        for (const std::int64_t scale : {1, 2}) {
          const Rendition rendition{step};
          const Size size = image.info().levels[level].size;
          const Size whole{size.width / scale, size.height / scale};
          const RectF all{0, 0, static_cast<double>(whole.width * scale),
                          static_cast<double>(whole.height * scale)};
          const Raster picture =
              read(image, {level, all, whole, Interpolation::bilinear}, rendition);
          for (std::int64_t top = 0; top < whole.height; top += 32) {
            for (std::int64_t left = 0; left < whole.width; left += 32) {
              const Rect tile = intersect({left, top, 32, 32}, Rect::of(whole));
              const auto factor = static_cast<double>(scale);
              const RectF part{static_cast<double>(tile.x) * factor,
                               static_cast<double>(tile.y) * factor,
                               static_cast<double>(tile.width) * factor,
                               static_cast<double>(tile.height) * factor};
              const Raster piece =
                  read(image, {level, part, tile.size(), Interpolation::bilinear}, rendition);
              ASSERT_EQ(piece.size(), tile.size());
              for (std::int64_t y = 0; y < tile.height; ++y) {
                const auto bytes = static_cast<std::size_t>(piece.row_bytes());
                ASSERT_EQ(std::memcmp(piece.row(y),
                                      picture.row(tile.y + y) + static_cast<std::size_t>(tile.x) *
                                                                    picture.format().pixel_bytes(),
                                      bytes),
                          0)
                    << left << ' ' << top << ' ' << y << " level " << level << " by " << scale
                    << " depth " << static_cast<int>(format.type) << " step "
                    << (&step - steps.data());
              }
            }
          }
        }
      }
    }
  }
}

TEST_F(OpenImageCache, SlopesAreTheSameAtEveryZoom) {
  // A plane: its shade does not depend on the level, nor on the size delivered.
  const OpenImage image =
      open({SampleType::f32, ColourModel::grey, false}, {0, 1}, 3, [](auto x, auto y, int) {
        return 0.5 * static_cast<double>(x) - 0.25 * static_cast<double>(y);
      });
  Processing shade;
  shade.hillshade = Hillshade{270, 45};
  const double expected =
      255 * (0.5 * std::sqrt(0.5) + std::sqrt(0.5)) / std::sqrt(1 + 0.25 + 0.0625);
  const Rendition rendition{shade};
  for (const std::size_t level : {0U, 1U, 2U}) {
    for (const std::int64_t side : {25, 50, 100}) {
      const Raster picture = read(
          image, {level, {0, 0, 100, 50}, {side, side / 2}, Interpolation::bilinear}, rendition);
      // Away from the edges, where the scaling filter meets the mirrored picture.
      EXPECT_NEAR(value(picture, side / 2, side / 4), expected, 0.6) << level << ' ' << side;
    }
  }
}

TEST_F(OpenImageCache, StretchingIsMeasuredOnceAndOverTheWholeImage) {
  const OpenImage image = open({SampleType::u16, ColourModel::grey, false}, {0, 65535}, 3,
                               [](auto x, auto, int) { return x < 200 ? 1000.0 : 3000.0; });
  Processing stretch;
  stretch.spread = Spread::stretch;
  const ScaledPart dark{0, {0, 0, 64, 64}, {64, 64}, Interpolation::bilinear};
  const ScaledPart light{0, {256, 64, 64, 64}, {64, 64}, Interpolation::bilinear};
  EXPECT_EQ(value(read(image, dark, {stretch}), 9, 9), 0);
  const int reads = source->reads;
  EXPECT_EQ(value(read(image, light, {stretch}), 9, 9), 255);
  EXPECT_EQ(source->reads, reads + 1);
}

TEST_F(OpenImageCache, TheBitonalThresholdIsThatOfTheProcessedImage) {
  const OpenImage image = open({SampleType::u16, ColourModel::grey, false}, {0, 65535}, 3,
                               [](auto x, auto, int) { return x % 10 < 3 ? 6000.0 : 20000.0; });
  const auto threshold = [&](const Processing& processing) {
    return with_context([&](const ReadContext& context) {
      return must(image.bitonal_threshold(context, {processing}));
    });
  };
  Processing plain;
  // 6000 is 23 of 255, 20000 is 78: the first that parts them.
  EXPECT_EQ(threshold(plain), 24);
  Processing inverted;
  inverted.invert = true;
  EXPECT_EQ(threshold(inverted), 255 - 78 + 1);
  const int reads = source->reads;
  EXPECT_EQ(threshold(plain), 24);
  EXPECT_EQ(source->reads, reads);
}

// The grey profile of gamma 1.8: its transform is made once, and its memory counts.
TEST_F(OpenImageCache, TheTransformOfAProfileIsKeptAndCounted) {
  const ScratchFolder folder;
  run_python("tests/engine/pipeline/colours.py", {"grey_profile", "1.8", folder.file("icc")});
  ImageInfo info =
      ValueSource::info_of({64, 64}, 1, {SampleType::u16, ColourModel::grey, false}, {0, 65535});
  info.icc_profile = Bytes(read_file(folder.file("icc")));
  const OpenImage image(std::make_shared<ValueSource>(
      info, [](auto x, auto y, int) { return static_cast<double>(1000 * x + y); }));
  DerivedDataCache kept(memory.pool, std::uint64_t{1} << 20U);
  const Result<File> file = any_file();
  const ReadContext context{*file, memory.budget, log, {}, &kept};
  const ScaledPart part{0, {0, 0, 64, 64}, {64, 64}, Interpolation::bilinear};
  const Processing nothing;
  std::uint64_t kept_bytes = 0;
  for (int i = 0; i < 2; ++i) {
    const Raster shown =
        must(image.read_processed(context, part, {nothing, ColourPolicy::srgb, 16}));
    for (std::int64_t x = 0; x < 64; ++x) {
      const double light = std::pow(static_cast<double>(1000 * x + 5) / 65535, 461.0 / 256);
      const double grey =
          light <= 0.0031308 ? 12.92 * light : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
      ASSERT_NEAR(value(shown, x, 5), 65535 * grey, 13) << x;
    }
    EXPECT_GT(kept.bytes(), 10000);
    if (i > 0) {
      EXPECT_EQ(kept.bytes(), kept_bytes);
    }
    kept_bytes = kept.bytes();
    EXPECT_EQ(memory.pool.used(), kept_bytes + shown.bytes());
  }
  EXPECT_TRUE(kept.reclaim(1));
  EXPECT_EQ(kept.bytes(), 0);
  EXPECT_TRUE(image.read_processed(context, part, {nothing, ColourPolicy::srgb, 16}).has_value());

  // Where there is no memory for one, there is no picture rather than one of other colours.
  MemoryBudget small(memory.pool, std::uint64_t{100} << 10U);
  const auto refused =
      image.read_processed({*file, small, log}, part, {nothing, ColourPolicy::srgb, 16});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
}

TEST_F(OpenImageCache, ManyThreadsMayAskAtOnce) {
  const OpenImage image = open({SampleType::u16, ColourModel::grey, false});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Memory own;
      NoLog quiet;
      const Result<File> file = any_file();
      Processing equalise;
      equalise.spread = Spread::equalise;
      const ReadContext context{*file, own.budget, quiet};
      const ScaledPart part{0, {0, 0, 64, 64}, {64, 64}, Interpolation::bilinear};
      for (int n = 0; n < 20; ++n) {
        EXPECT_TRUE(image.read_processed(context, part, {equalise}).has_value());
        EXPECT_TRUE(image.bitonal_threshold(context, {equalise}).has_value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace iip::test

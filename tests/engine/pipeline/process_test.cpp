#include "engine/pipeline/process.h"

#include <cmath>
#include <limits>

#include "process_fixture.h"

namespace iip::test {
namespace {

struct Named {
  const char* name;
  Processing processing;
};

std::vector<Named> single_steps() {
  std::vector<Named> all;
  const auto add = [&](const char* name, auto set) {
    Named named{name, {}};
    set(named.processing);
    all.push_back(std::move(named));
  };
  add("nothing", [](Processing&) {});
  add("minmax", [](Processing& p) { p.ranges = {{std::nullopt, 30, 200}}; });
  add("reversed minmax", [](Processing& p) { p.ranges = {{0, 230.5, 17}}; });
  add("twist", [](Processing& p) { p.twist = {{0.5F, 0.25F, 0.125F, 9}, {1}, {0, -1, 1.5F}}; });
  add("twist to one", [](Processing& p) { p.twist = {{0.3F, 0.6F}}; });
  add("gamma", [](Processing& p) { p.gamma = 0.45; });
  add("gamma 2.2", [](Processing& p) { p.gamma = 2.2; });
  add("logarithm", [](Processing& p) { p.logarithm = true; });
  add("invert", [](Processing& p) { p.invert = true; });
  add("contrast", [](Processing& p) { p.contrast = 1.7; });
  for (int map = 1; map <= static_cast<int>(ColourMap::cividis); ++map) {
    add("map", [map](Processing& p) { p.map = static_cast<ColourMap>(map); });
  }
  add("sharpen", [](Processing& p) { p.kernel = Kernel{3, {0, -1, 0, -1, 5, -1, 0, -1, 0}}; });
  add("sobel", [](Processing& p) { p.kernel = Kernel{3, {-1, 0, 1, -2, 0, 2, -1, 0, 1}}; });
  add("five", [](Processing& p) {
    p.kernel =
        Kernel{5, {1, 2, 3, 2, 1, 0, 4, 0, 4, 0, 1, 1, 9, 1, 1, 2, 0, 2, 0, 2, 1, 1, 1, 1, 7}};
  });
  add("all", [](Processing& p) {
    p.ranges = {{1, 20, 180}};
    p.twist = {{0.7F, 0.2F}, {0, 1.1F}, {0.1F, 0.2F, 0.6F}};
    p.gamma = 0.8;
    p.invert = true;
    p.map = ColourMap::jet;
    p.kernel = Kernel{3, {1, 2, 1, 2, 4, 2, 1, 2, 1}};
    p.contrast = 1.2;
  });
  return all;
}

TEST_F(Process, EveryStepOnNoiseIsWhatNumpyMakesOfIt) {
  const std::vector<Named> steps = single_steps();
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    for (const PixelFormat& format :
         {PixelFormat{type, ColourModel::grey, false}, PixelFormat{type, ColourModel::rgb, false},
          PixelFormat{type, ColourModel::rgb, true}}) {
      std::vector<ProcessingJob> jobs;
      std::vector<std::string> names;
      for (const Named& step : steps) {
        for (const int bits : {8, 16, 32}) {
          if (step.processing.is_neutral() && (bits == 32 || type == SampleType::u8)) continue;
          jobs.push_back({step.processing, scale_for(format), nullptr, bits});
          names.push_back(std::string(name_of(type)) + " " + step.name + " " +
                          std::to_string(format.channels()) + " " + std::to_string(bits));
        }
      }
      compare(noisy(format), jobs, names);
      if (HasFatalFailure()) return;
    }
  }
}

// In 8 bits as it is, in the others spread over their range, or as heights of floats.
TEST_F(Process, EveryStepOnAPhotograph) {
  const std::vector<Named> steps = single_steps();
  const Raster photo = oracle.photo("chelsea.jpg");
  const Size part{160, 120};
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    const PixelFormat format{type, ColourModel::rgb, false};
    const double factor = type == SampleType::u8    ? 1
                          : type == SampleType::u16 ? 257
                          : type == SampleType::u32 ? 16843009
                                                    : 1.3;
    const Raster picture = make_values(part, format, memory, [&](auto x, auto y, int c) {
      return value(photo, 130 + x, 60 + y, c) * factor - (type == SampleType::f32 ? 40 : 0);
    });
    std::vector<ProcessingJob> jobs;
    std::vector<std::string> names;
    for (const Named& step : steps) {
      if (step.processing.is_neutral() && type == SampleType::u8) continue;
      jobs.push_back({step.processing, scale_for(format)});
      names.push_back(std::string(name_of(type)) + " " + step.name);
    }
    compare(picture, jobs, names);
    if (HasFatalFailure()) return;
  }
}

// All values of 8 and 16 bits; of 32 bits and of floats as many, from end to end and beyond the
// range.
TEST_F(Process, EveryStepOnARamp) {
  const std::vector<Named> steps = single_steps();
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    const PixelFormat format{type, ColourModel::grey, false};
    const Size size = type == SampleType::u8 ? Size{256, 4} : Size{256, 256};
    const Raster ramp = make_values(size, format, memory, [&](auto x, auto y, int) {
      const auto place = static_cast<double>(type == SampleType::u8 ? x : 256 * y + x);
      return type == SampleType::u32   ? place * 65537
             : type == SampleType::f32 ? place / 65535 * 400 - 80
                                       : place;
    });
    std::vector<ProcessingJob> jobs;
    std::vector<std::string> names;
    for (const Named& step : steps) {
      for (const int bits : {8, 16}) {
        if (step.processing.is_neutral() && type == SampleType::u8) continue;
        jobs.push_back({step.processing, scale_for(format), nullptr, bits});
        names.push_back(std::string(name_of(type)) + " " + step.name + " " + std::to_string(bits));
      }
    }
    compare(ramp, jobs, names);
    if (HasFatalFailure()) return;
  }
}

// Every value of 16 bits, by whole-number arithmetic: halves are rounded upwards.
TEST_F(Process, ReductionOfSixteenBitsIsExact) {
  const PixelFormat format{SampleType::u16, ColourModel::grey, false};
  const Processing nothing;
  for (const SampleRange& range : {SampleRange{0, 65535}, SampleRange{0, 4095}, SampleRange{0, 510},
                                   SampleRange{1000, 3000}}) {
    for (const std::int64_t full : {255, 65535}) {
      Raster ramp =
          make_values({256, 256}, format, memory, [](auto x, auto y, int) { return 256 * y + x; });
      const Raster output = must(
          process(std::move(ramp), {0, 0, 256, 256},
                  {nothing, {{range}, 0, 65535}, nullptr, full == 255 ? 8 : 16}, memory.allowance));
      const auto min = static_cast<std::int64_t>(range.min);
      const auto span = static_cast<std::int64_t>(range.max) - min;
      for (std::int64_t v = 0; v < 65536; ++v) {
        const std::int64_t above = std::clamp<std::int64_t>(v - min, 0, span);
        ASSERT_EQ(value(output, v % 256, v / 256),
                  static_cast<double>((2 * above * full + span) / (2 * span)))
            << v << " of " << span;
      }
    }
  }
}

TEST_F(Process, NothingToDoLeavesBytesWhereTheyAre) {
  const Processing nothing;
  for (const PixelFormat& format : {kGrey, kGreyAlpha, kRgb, kRgba}) {
    Raster input = noisy(format);
    const auto before = packed(input);
    const std::uint8_t* pixels = input.row(0);
    const Raster output = must(
        process(std::move(input), {0, 0, 61, 23}, {nothing, scale_for(format)}, memory.allowance));
    EXPECT_EQ(output.row(0), pixels);
    EXPECT_EQ(packed(output), before);
  }
}

TEST_F(Process, MoreChannelsThanColoursAreShownByTheFirst) {
  const Processing nothing;
  const PixelFormat five{SampleType::u8, ColourModel::grey, true, 4};
  const Raster rgba =
      must(process(noisy(five), {0, 0, 61, 23}, {nothing, scale_for(five)}, memory.allowance));
  ASSERT_EQ(rgba.format(), kRgba);
  for (int c = 0; c < 4; ++c) {
    EXPECT_EQ(value(rgba, 7, 5, c), noise_of(SampleType::u8, 7, 5, c == 3 ? 5 : c));
  }
  const PixelFormat two{SampleType::u8, ColourModel::grey, false, 1};
  const Raster grey =
      must(process(noisy(two), {0, 0, 61, 23}, {nothing, scale_for(two)}, memory.allowance));
  ASSERT_EQ(grey.format(), kGrey);
  EXPECT_EQ(value(grey, 7, 5), noise_of(SampleType::u8, 7, 5, 0));
}

TEST_F(Process, FloatsOfTheFileStayTheFilesValues) {
  const Processing nothing;
  const PixelFormat format{SampleType::f32, ColourModel::grey, false};
  const Raster floats =
      must(process(make_values({3, 1}, format, memory,
                               [](auto x, auto, int) { return x == 1   ? NAN
                                                              : x == 0 ? 0
                                                                       : 2e7; }),
                   {0, 0, 3, 1}, {nothing, scale_for(format), nullptr, 32}, memory.allowance));
  EXPECT_EQ(value(floats, 0, 0), 0);
  EXPECT_TRUE(std::isnan(value(floats, 1, 0)));
  EXPECT_EQ(value(floats, 2, 0), 2e7);
  const PixelFormat counts{SampleType::u32, ColourModel::grey, false};
  SampleScale is_signed = full_scale(counts);
  is_signed.offset = -1000;
  const Raster values = must(
      process(make_values({2, 1}, counts, memory, [](auto x, auto, int) { return 900 + 200 * x; }),
              {0, 0, 2, 1}, {nothing, is_signed, nullptr, 32}, memory.allowance));
  EXPECT_EQ(value(values, 0, 0), -100);
  EXPECT_EQ(value(values, 1, 0), 100);
}

TEST_F(Process, SignedSamplesHaveTheirRangesInTheFilesTerms) {
  const PixelFormat format{SampleType::u16, ColourModel::grey, false};
  ImageInfo info;
  info.format = format;
  info.stored_bits = 16;
  info.value_offset = -32768;
  info.ranges = {{-100, 100}};
  Processing processing;
  const auto shown = [&] {
    Raster input = make_values({3, 1}, format, memory,
                               [](auto x, auto, int) { return 32768 - 100 + 100 * x; });
    return packed(must(
        process(std::move(input), {0, 0, 3, 1}, {processing, scale_of(info)}, memory.allowance)));
  };
  EXPECT_EQ(shown(), (std::vector<std::uint8_t>{0, 128, 255}));
  processing.ranges = {{std::nullopt, -100, 300}};
  EXPECT_EQ(shown(), (std::vector<std::uint8_t>{0, 64, 128}));
}

TEST_F(Process, WhatIsNoNumberIsBlack) {
  const PixelFormat format{SampleType::f32, ColourModel::grey, false};
  const double kInfinity = std::numeric_limits<double>::infinity();
  const Processing nothing;
  const std::vector<double> samples{NAN, kInfinity, -kInfinity, 0.5, 2};
  const Raster output = must(
      process(make_values({5, 1}, format, memory,
                          [&](auto x, auto, int) { return samples[static_cast<std::size_t>(x)]; }),
              {0, 0, 5, 1}, {nothing, full_scale(format)}, memory.allowance));
  EXPECT_EQ(packed(output), (std::vector<std::uint8_t>{0, 0, 0, 128, 255}));
}

TEST_F(Process, AnEmptyRangePartsAtItsValue) {
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    const PixelFormat format{type, ColourModel::grey, false};
    Processing processing;
    processing.ranges = {{0, 100, 100}};
    const Raster output =
        must(process(make_values({3, 1}, format, memory, [](auto x, auto, int) { return 99 + x; }),
                     {0, 0, 3, 1}, {processing, full_scale(format)}, memory.allowance));
    EXPECT_EQ(packed(output), (std::vector<std::uint8_t>{0, 0, 255})) << name_of(type);
  }
}

// Parts with what is around them, put together, are the whole.
TEST_F(Process, PartsMeetWithoutASeam) {
  Named shaded{"heights", {}};
  shaded.processing.hillshade = Hillshade{300, 35};
  shaded.processing.kernel = Kernel{5, {}};
  shaded.processing.kernel->weights.fill(1);
  auto steps = single_steps();
  steps.push_back(shaded);
  for (const PixelFormat& format : {PixelFormat{SampleType::u16, ColourModel::rgb, false},
                                    PixelFormat{SampleType::f32, ColourModel::grey, true}}) {
    const Raster input = noisy(format);
    for (const Named& step : steps) {
      const ProcessingJob job{step.processing, scale_for(format)};
      const Raster all = must(process(unpacked(packed(input), input.size(), format, memory),
                                      whole(input), job, memory.allowance));
      const int around = context_of(step.processing, format.channels() - (format.alpha ? 1 : 0));
      for (const Rect& part :
           {Rect{0, 0, 16, 16}, Rect{16, 0, 16, 16}, Rect{48, 16, 13, 7}, Rect{31, 11, 1, 1}}) {
        const Rect read = intersect(
            {part.x - around, part.y - around, part.width + 2 * around, part.height + 2 * around},
            whole(input));
        Raster source = make_values(read.size(), format, memory, [&](auto x, auto y, int c) {
          return value(input, read.x + x, read.y + y, c);
        });
        const Raster piece = must(
            process(std::move(source), {part.x - read.x, part.y - read.y, part.width, part.height},
                    job, memory.allowance));
        for (std::int64_t y = 0; y < part.height; ++y) {
          for (std::int64_t x = 0; x < part.width; ++x) {
            for (int c = 0; c < piece.channels(); ++c) {
              ASSERT_EQ(value(piece, x, y, c), value(all, part.x + x, part.y + y, c))
                  << step.name << ' ' << x << ' ' << y;
            }
          }
        }
      }
    }
  }
}

// For the undefined-behaviour sanitizer; what comes out is only said not to depend on luck.
TEST_F(Process, AnyNumbersWillDo) {
  const double kInfinity = std::numeric_limits<double>::infinity();
  const double wild[] = {NAN, kInfinity, -kInfinity, 1e300, -1e300, 0, -1, 1e-300, 5e-324, 1e30};
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    const PixelFormat format{type, ColourModel::rgb, false};
    for (const double a : wild) {
      for (const double b : wild) {
        const auto number = [](double v) {
          return std::isfinite(v) ? static_cast<float>(std::clamp(v, -3e38, 3e38))
                                  : static_cast<float>(v);
        };
        for (int step = 0; step < 6; ++step) {
          Processing processing;
          if (step == 0) processing.ranges = {{std::nullopt, a, b}};
          if (step == 1) processing.hillshade = Hillshade{a, b};
          if (step == 2) processing.twist = {{number(a), number(b), 1}, {number(b)}, {}};
          if (step == 3) {
            processing.gamma = a;
            processing.invert = true;
            processing.map = ColourMap::viridis;
          }
          if (step == 4) {
            processing.kernel = Kernel{3, {}};
            processing.kernel->weights.fill(number(a));
            processing.kernel->weights[4] = number(b);
          }
          processing.contrast = step == 5 ? a : b;
          if (step == 5) processing.logarithm = true;
          for (const int bits : {8, 16, 32}) {
            const ProcessingJob job{processing, scale_for(format), nullptr, bits};
            const Raster once =
                must(process(noisy(format, {9, 4}), {0, 0, 9, 4}, job, memory.allowance));
            const Raster again =
                must(process(noisy(format, {9, 4}), {0, 0, 9, 4}, job, memory.allowance));
            ASSERT_EQ(packed(once), packed(again));
            if (bits == 32 && !processing.is_neutral()) {
              for (std::int64_t x = 0; x < 9; ++x) ASSERT_TRUE(std::isfinite(value(once, x, 0)));
            }
          }
        }
      }
    }
  }
}

TEST_F(Process, StretchingAndEqualisingGoByTheWholeImage) {
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    for (const PixelFormat& format : {PixelFormat{type, ColourModel::grey, false},
                                      PixelFormat{type, ColourModel::rgb, false}}) {
      const Raster image = make_values({64, 40}, format, memory, [&](auto x, auto y, int c) {
        return 40 + noise_of(SampleType::u8, x, y, c) * noise_of(SampleType::u8, y, x, c) / 400;
      });
      const Statistics statistics = must(measure(image, scale_for(format), {}));
      Processing processing;
      for (const Spread spread : {Spread::stretch, Spread::equalise}) {
        processing.spread = spread;
        compare(image, {{processing, scale_for(format), &statistics}}, {name_of(type)});
        if (HasFatalFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace iip::test

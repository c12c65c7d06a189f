#include "engine/pipeline/colour/colour_model.h"

#include <cmath>
#include <thread>

#include "engine/pipeline/colour/srgb_transform.h"
#include "engine/pipeline/process.h"
#include "process_support.h"
#include "support/python.h"
#include "support/rasters.h"

namespace iip::test {
namespace {

constexpr const char* kScript = "tests/engine/pipeline/colours.py";
constexpr PixelFormat kFloatRgb{SampleType::f32, ColourModel::rgb, false};

// Colours all over the cube, 17 steps along each side.
double cube(std::int64_t x, std::int64_t y, int c) {
  return static_cast<double>(c == 0 ? x % 17 : c == 1 ? x / 17 : y) / 16;
}
constexpr Size kCube{17 * 17, 17};

struct ColourModels : ::testing::Test {
  Memory memory;
  ScratchFolder folder;

  Bytes profile_file(const std::string& name) {
    const auto bytes = read_file(folder.file(name));
    return Bytes(ByteVector(bytes.begin(), bytes.end()));
  }
  Bytes profile(const std::string& name) {
    run_python(kScript, {"profile", name, folder.file("."), folder.file(name)});
    return profile_file(name);
  }

  // What Pillow makes of bytes: RGB.
  Raster expected(const Raster& bytes, const std::string& mode, const std::string& name) {
    write_file(folder.file("in"), packed(bytes));
    run_python(kScript,
               {"to_srgb", folder.file("in"), mode, std::to_string(bytes.size().width),
                std::to_string(bytes.size().height), folder.file(name), folder.file("out")});
    return unpacked(read_file(folder.file("out")), bytes.size(), kRgb, memory);
  }

  ScaledRaster converted(const Bytes& icc, Raster input, const SampleScale& scale) {
    const auto transform = SrgbTransform::create(icc, input.format());
    if (!transform) throw std::runtime_error("no transform");
    return must(transform->convert({std::move(input), scale}, memory.allowance));
  }
};

double delta_e(const float* a, const float* b) {
  double sum = 0;
  for (int c = 0; c < 3; ++c) sum += std::pow(static_cast<double>(a[c]) - b[c], 2);
  return std::sqrt(sum);
}

// sRGB colours, made CIELAB by numpy, come back as what they were.
TEST_F(ColourModels, LabOfEitherWhiteIsTheSameColours) {
  for (const auto& [name, white] :
       {std::pair<const char*, Chromaticity>{"D50", kD50}, {"D65", {0.31271, 0.32902}}}) {
    const Raster colours = make_values(kCube, kFloatRgb, memory, cube);
    write_file(folder.file("rgb"), packed(colours));
    run_python(kScript, {"lab_from_srgb", folder.file("rgb"), name, folder.file("lab")});
    const PixelFormat lab{SampleType::f32, ColourModel::lab, false};
    ScaledRaster input{unpacked(read_file(folder.file("lab")), kCube, lab, memory),
                       full_scale(lab)};
    const ScaledRaster output = must(lab_to_rgb(std::move(input), white, memory.allowance));
    ASSERT_EQ(output.raster.format(), kFloatRgb);
    EXPECT_EQ(output.scale.ranges[2].max, 1);
    for (std::int64_t y = 0; y < kCube.height; ++y) {
      for (std::int64_t x = 0; x < kCube.width; ++x) {
        for (int c = 0; c < 3; ++c) {
          // Half a step of 8 bits.
          ASSERT_NEAR(value(output.raster, x, y, c), cube(x, y, c), 0.5 / 255)
              << name << ' ' << x << ' ' << y << ' ' << c;
        }
      }
    }
    // And as colours: less than half a unit of difference.
    write_file(folder.file("rgb"), packed(output.raster));
    run_python(kScript, {"lab_from_srgb", folder.file("rgb"), name, folder.file("back")});
    const auto before = read_file(folder.file("lab"));
    const auto after = read_file(folder.file("back"));
    ASSERT_EQ(before.size(), after.size());
    double worst = 0;
    for (std::size_t i = 0; i < before.size(); i += 3 * sizeof(float)) {
      float a[3];
      float b[3];
      std::memcpy(a, before.data() + i, sizeof a);
      std::memcpy(b, after.data() + i, sizeof b);
      worst = std::max(worst, delta_e(a, b));
    }
    EXPECT_LT(worst, 0.5) << name;
  }
}

TEST_F(ColourModels, LabBeyondSrgbIsCutAndKeepsItsOtherChannels) {
  const PixelFormat lab{SampleType::f32, ColourModel::lab, true, 1};
  const std::vector<float> samples{100, 0,   0,    7, 1,     // white
                                   0,   0,   0,    8, 0.5F,  // black
                                   50,  120, -128, 9, 0,     // far outside
                                   NAN, 0,   0,    9, 1};
  const ScaledRaster output =
      must(lab_to_rgb({make_values({4, 1}, lab, memory,
                                   [&](auto x, auto, int c) {
                                     return samples[static_cast<std::size_t>(5 * x + c)];
                                   }),
                       full_scale(lab)},
                      kD50, memory.allowance));
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(value(output.raster, 0, 0, c), 1, 1e-3);
    EXPECT_EQ(value(output.raster, 1, 0, c), 0);
    EXPECT_EQ(value(output.raster, 3, 0, c), 0);
  }
  EXPECT_EQ(value(output.raster, 2, 0, 1), 0);
  EXPECT_EQ(value(output.raster, 1, 0, 3), 8);
  EXPECT_EQ(value(output.raster, 1, 0, 4), 0.5);
}

TEST_F(ColourModels, InksWithoutAProfileTakeFromWhite) {
  for (const SampleType type : {SampleType::u8, SampleType::u16}) {
    const PixelFormat cmyk{type, ColourModel::cmyk, true};
    SampleScale scale = full_scale(cmyk);
    if (type == SampleType::u16) scale.opaque = 4095;
    const double full = scale.opaque;
    const auto ink = [&](auto x, auto y, int c) {
      return std::floor(full * static_cast<double>((x * (c + 2) * 7 + y * 3) % 101) / 100);
    };
    const ScaledRaster output =
        must(cmyk_to_rgb({make_values({50, 20}, cmyk, memory, ink), scale}, memory.allowance));
    ASSERT_EQ(output.raster.format(), (PixelFormat{type, ColourModel::rgb, true}));
    for (std::int64_t y = 0; y < 20; ++y) {
      for (std::int64_t x = 0; x < 50; ++x) {
        for (int c = 0; c < 3; ++c) {
          const double product = (full - ink(x, y, c)) * (full - ink(x, y, 3));
          ASSERT_EQ(value(output.raster, x, y, c), std::floor((product + full / 2) / full));
        }
        ASSERT_EQ(value(output.raster, x, y, 3), ink(x, y, 4));
      }
    }
    EXPECT_EQ(output.scale.ranges[0].max, full);
  }
}

TEST_F(ColourModels, ProfilesOfColoursAndInksAreFollowedAsPillowDoes) {
  struct Kind {
    const char* name;
    const char* mode;
    ColourModel model;
  };
  for (const Kind& kind :
       {Kind{"p3", "RGB", ColourModel::rgb}, Kind{"cmyk", "CMYK", ColourModel::cmyk}}) {
    const Bytes icc = profile(kind.name);
    const auto colour = [](auto x, auto y, int c) {
      return c == 3 ? static_cast<double>((x + y) % 90) : 255 * cube(x, y, c);
    };
    const PixelFormat bytes{SampleType::u8, kind.model, false};
    const Raster wanted = expected(make_values(kCube, bytes, memory, colour), kind.mode, kind.name);
    for (const SampleType type :
         {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
      for (const bool alpha : {false, true}) {
        const PixelFormat format{type, kind.model, alpha};
        SampleScale scale = full_scale(format);
        if (type == SampleType::u16) scale = {{scale.ranges.size(), {0, 4080}}, 0, 4080};
        const double factor = scale.ranges[0].max / 255;
        const int last = format.channels() - 1;
        const ScaledRaster output = converted(
            icc,
            make_values(kCube, format, memory,
                        [&](auto x, auto y, int c) {
                          return alpha && c == last ? 1.0 : std::floor(colour(x, y, c)) * factor;
                        }),
            scale);
        ASSERT_EQ(output.raster.format().model, ColourModel::rgb);
        const double back = output.scale.ranges[0].max / 255;
        for (std::int64_t y = 0; y < kCube.height; ++y) {
          for (std::int64_t x = 0; x < kCube.width; ++x) {
            for (int c = 0; c < 3; ++c) {
              const double shown = std::clamp(value(output.raster, x, y, c) / back, 0.0, 255.0);
              // Pillow rounds to bytes; a step of 4080 is a sixteenth of theirs.
              ASSERT_NEAR(shown, value(wanted, x, y, c), type == SampleType::u8 ? 1 : 0.6)
                  << kind.name << ' ' << name_of(type) << ' ' << x << ' ' << y << ' ' << c;
            }
            if (alpha) {
              ASSERT_EQ(value(output.raster, x, y, 3), 1);
            }
          }
        }
      }
    }
  }
}

// Every 16-bit value, against the profile's own numbers in double precision.
TEST_F(ColourModels, SixteenBitsAreExactToATwentiethOfAGrey) {
  const Bytes icc = profile("p3");
  const PixelFormat format{SampleType::u16, ColourModel::rgb, false};
  const Size size{256, 256};
  const auto colour = [](auto x, auto y, int c) {
    const std::int64_t v = 256 * y + x;
    return static_cast<double>(c == 0 ? v : c == 1 ? v * 13 % 65536 : 65535 - v / 2);
  };
  Raster input = make_values(size, format, memory, colour);
  write_file(folder.file("in"), packed(input));
  run_python(kScript, {"by_matrix", folder.file("in"), folder.file("p3"), folder.file("out")});
  const auto wanted = read_file(folder.file("out"));
  ASSERT_EQ(wanted.size(), static_cast<std::size_t>(3 * size.area()) * sizeof(double));
  const ScaledRaster output = converted(icc, std::move(input), full_scale(format));
  const auto* expected_at = reinterpret_cast<const double*>(wanted.data());
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::int64_t x = 0; x < size.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(value(output.raster, x, y, c) / 257, 255 * *expected_at++, 0.05)
            << x << ' ' << y << ' ' << c;
      }
    }
  }
}

TEST_F(ColourModels, GreyOfAnotherGammaGetsTheCurveOfSrgb) {
  run_python(kScript, {"grey_profile", "1.8", folder.file("grey")});
  const auto expected_at = [](double v) {
    const double linear = std::pow(v, 461.0 / 256);  // as the profile states 1.8
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
  };
  for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
    const PixelFormat grey{type, ColourModel::grey, false};
    const double full = full_scale(grey).ranges[0].max;
    const ScaledRaster output = converted(
        profile_file("grey"),
        make_values({256, 1}, grey, memory,
                    [&](auto x, auto, int) { return static_cast<double>(x) * full / 255; }),
        full_scale(grey));
    ASSERT_EQ(output.raster.format(), grey);
    for (std::int64_t x = 0; x < 256; ++x) {
      EXPECT_NEAR(255 * value(output.raster, x, 0) / full,
                  255 * expected_at(static_cast<double>(x) / 255),
                  type == SampleType::u8 ? 0.55 : 0.05)
          << name_of(type) << ' ' << x;
    }
  }
}

TEST_F(ColourModels, ProfilesThatAreOfNoUseGiveNoTransform) {
  const Bytes p3 = profile("p3");
  ASSERT_NE(SrgbTransform::create(p3, kRgb), nullptr);
  EXPECT_EQ(SrgbTransform::create(Bytes(), kRgb), nullptr);
  EXPECT_EQ(SrgbTransform::create(p3, kGrey), nullptr);
  EXPECT_EQ(SrgbTransform::create(p3, {SampleType::f32, ColourModel::lab, false}), nullptr);
  EXPECT_EQ(SrgbTransform::create(Bytes(ByteVector(std::size_t{5} << 20U)), kRgb), nullptr);
  // Cut short, and with every byte damaged in its turn: a transform or none, never more than that.
  const auto span = p3.span();
  const ByteVector whole(span.begin(), span.end());
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    SrgbTransform::create(Bytes(ByteVector(cut)), kRgb);
  }
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const int value : {0x00, 0x7F, 0xFF}) {
      ByteVector damaged = whole;
      damaged[place] = static_cast<std::uint8_t>(value);
      const auto transform = SrgbTransform::create(Bytes(std::move(damaged)), kRgb);
      if (!transform) continue;
      must(transform->convert(
          {make_raster({4, 1}, kRgb, memory, [](auto x, auto, int c) { return 60 * x + c; }),
           full_scale(kRgb)},
          memory.allowance));
    }
  }
}

TEST_F(ColourModels, OneTransformServesManyThreads) {
  const Bytes icc = profile("p3");
  const auto transform = SrgbTransform::create(icc, kRgb);
  ASSERT_NE(transform, nullptr);
  const auto colour = [](auto x, auto y, int c) { return 255 * cube(x, y, c); };
  const auto convert = [&](Memory& own) {
    return packed(must(transform->convert({make_values(kCube, kRgb, own, colour), full_scale(kRgb)},
                                          own.allowance))
                      .raster);
  };
  const auto alone = convert(memory);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Memory own;
      for (int n = 0; n < 20; ++n) EXPECT_EQ(convert(own), alone);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace iip::test

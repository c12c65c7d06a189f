// Scaling, turning, greys and flattening of more than 8 bits, and of more channels than colours.
#include <cmath>
#include <limits>

#include "engine/image/box_shrink.h"
#include "engine/image/rotated_size.h"
#include "engine/pipeline/stages.h"
#include "oracle.h"

namespace iip::test {
namespace {

constexpr PixelFormat grey_of(SampleType type, bool alpha = false, int extra = 0) {
  return {type, ColourModel::grey, alpha, extra};
}

constexpr SampleType kDepths[] = {SampleType::u16, SampleType::u32, SampleType::f32};

// A smooth picture with an edge, 0 to 1.
double scene(std::int64_t x, std::int64_t y) {
  const auto fx = static_cast<double>(x);
  const auto fy = static_cast<double>(y);
  return 0.5 + 0.2 * std::sin(fx / 3) * std::cos(fy / 5) + (x + 2 * y > 90 ? 0.25 : -0.25);
}

double full_of(SampleType type) {
  return type == SampleType::u16 ? 65535 : type == SampleType::u32 ? 4294967295.0 : 1000;
}

struct Depth : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};

  Raster picture(const PixelFormat& format, const Size& size = {64, 48}) {
    return make_values(size, format, memory, [&](auto x, auto y, int) {
      return std::floor(scene(x, y) * full_of(format.type));
    });
  }
};

struct Scaling {
  Interpolation interpolation;
  const char* name;
};
constexpr Scaling kScalings[] = {{Interpolation::bilinear, "bilinear"},
                                 {Interpolation::bicubic, "bicubic"},
                                 {Interpolation::lanczos, "lanczos"}};

TEST_F(Depth, ScalingIsPillows) {
  const Size from{64, 48};
  const Size to{40, 70};
  const RectF part{3.5, 2.25, 55.5, 41.75};
  for (const SampleType type : kDepths) {
    Raster floats = make_values(from, grey_of(SampleType::f32), memory, [&](auto x, auto y, int) {
      return std::floor(scene(x, y) * full_of(type));
    });
    for (const Scaling& scaling : kScalings) {
      const Raster expected =
          oracle.transformed("resize_values", floats,
                             {scaling.name, std::to_string(part.x), std::to_string(part.y),
                              std::to_string(part.width), std::to_string(part.height), "40", "70"},
                             to, grey_of(SampleType::f32));
      const Raster output =
          must(resample(picture(grey_of(type)), part, to, scaling.interpolation, memory.allowance));
      ASSERT_EQ(output.format(), grey_of(type));
      // zimg's whole-numbered taps have 14 bits.
      const double allowed = type == SampleType::u16 ? 8.0 : 2e-6 * full_of(type);
      for (std::int64_t y = 5; y < to.height - 5; ++y) {
        for (std::int64_t x = 5; x < to.width - 5; ++x) {
          const double most = type == SampleType::f32 ? 1e30 : full_of(type);
          ASSERT_NEAR(value(output, x, y), std::clamp(value(expected, x, y), 0.0, most), allowed)
              << scaling.name << ' ' << static_cast<int>(type) << ' ' << x << ' ' << y;
        }
      }
    }
  }
}

// What a filter does to one channel does not depend on the channels beside it.
TEST_F(Depth, EachChannelIsScaledForItself) {
  const RectF part{1.5, 0, 60, 48};
  for (const PixelFormat& format : {PixelFormat{SampleType::u8, ColourModel::cmyk},
                                    PixelFormat{SampleType::u16, ColourModel::rgb},
                                    PixelFormat{SampleType::u8, ColourModel::grey, false, 6},
                                    PixelFormat{SampleType::f32, ColourModel::lab},
                                    PixelFormat{SampleType::u32, ColourModel::rgb}}) {
    const auto channel = [](auto x, auto y, int c) { return (x * (c + 3) + y * 5 + c * 40) % 200; };
    const Raster all = must(resample(make_values({64, 48}, format, memory, channel), part, {33, 20},
                                     Interpolation::bicubic, memory.allowance));
    for (int c = 0; c < format.channels(); ++c) {
      const Raster alone =
          must(resample(make_values({64, 48}, grey_of(format.type), memory,
                                    [&](auto x, auto y, int) { return channel(x, y, c); }),
                        part, {33, 20}, Interpolation::bicubic, memory.allowance));
      for (std::int64_t y = 0; y < 20; ++y) {
        for (std::int64_t x = 0; x < 33; ++x) {
          ASSERT_EQ(value(all, x, y, c), value(alone, x, y)) << c << ' ' << x << ' ' << y;
        }
      }
    }
  }
}

TEST_F(Depth, ConstantsStayConstant) {
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    for (const PixelFormat& format : {PixelFormat{type, ColourModel::rgb, true},
                                      PixelFormat{type, ColourModel::grey, true, 2}}) {
      const auto constant = [](auto, auto, int c) { return 100 + 30 * c; };
      for (const Size& size : {Size{5, 3}, Size{30, 20}, Size{90, 100}}) {
        const Raster output =
            must(resample(make_values({61, 47}, format, memory, constant), {2.25, 3.5, 50.5, 41.75},
                          size, Interpolation::lanczos, memory.allowance));
        for (std::int64_t y = 0; y < size.height; ++y) {
          for (std::int64_t x = 0; x < size.width; ++x) {
            for (int c = 0; c < format.channels(); ++c) {
              ASSERT_NEAR(value(output, x, y, c), 100 + 30 * c, type == SampleType::f32 ? 1e-3 : 0)
                  << static_cast<int>(type) << ' ' << format.channels() << ' ' << size.width;
            }
          }
        }
      }
    }
  }
}

TEST_F(Depth, TransparentColoursDoNotBleed) {
  for (const SampleType type : kDepths) {
    const PixelFormat format{type, ColourModel::rgb, true};
    const double opaque = type == SampleType::f32 ? 1 : full_of(type);
    // On the left opaque, on the right transparent with an absurd colour.
    Raster input = make_values({40, 4}, format, memory, [&](auto x, auto, int c) {
      return c == 3 ? (x < 20 ? opaque : 0) : x < 20 ? 100.0 : full_of(type);
    });
    const Raster output = must(resample(std::move(input), {0, 0, 40, 4}, {13, 4},
                                        Interpolation::bilinear, memory.allowance));
    for (std::int64_t x = 0; x < 13; ++x) {
      if (value(output, x, 2, 3) > 0) {
        EXPECT_NEAR(value(output, x, 2, 0), 100, type == SampleType::u16 ? 0 : 0.01)
            << static_cast<int>(type) << ' ' << x;
      }
    }
    EXPECT_EQ(value(output, 12, 2, 3), 0);
    EXPECT_NEAR(value(output, 0, 2, 3), opaque, 1e-6 * opaque);
  }
}

// A hole of 3 x 3 in a plane: what is left around it is the plane, as close as the hole itself.
TEST_F(Depth, HolesOfFloatsStayHoles) {
  const PixelFormat format = grey_of(SampleType::f32);
  const auto in_hole = [](std::int64_t x, std::int64_t y) {
    return x >= 30 && x < 33 && y >= 20 && y < 23;
  };
  for (const double hole :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto constant = [&](auto x, auto y, int) { return in_hole(x, y) ? hole : 12.5; };
    for (const Scaling& scaling : kScalings) {
      const Raster larger =
          must(resample(make_values({64, 48}, format, memory, constant), {0, 0, 64, 48}, {128, 96},
                        scaling.interpolation, memory.allowance));
      for (std::int64_t y = 0; y < 96; ++y) {
        for (std::int64_t x = 0; x < 128; ++x) {
          const bool near_hole = x >= 58 && x < 68 && y >= 38 && y < 48;
          if (!near_hole) {
            ASSERT_NEAR(value(larger, x, y), 12.5, 1e-4) << scaling.name << ' ' << x << ' ' << y;
          }
          if (in_hole(x / 2, y / 2) && x / 2 == 31 && y / 2 == 21) {
            ASSERT_TRUE(std::isnan(value(larger, x, y)));
          }
        }
      }
      // A hole of a ninth of a pixel's weight is filled by what there is.
      const Raster smaller =
          must(resample(make_values({64, 48}, format, memory, constant), {0, 0, 64, 48}, {4, 3},
                        scaling.interpolation, memory.allowance));
      for (std::int64_t y = 0; y < 3; ++y) {
        for (std::int64_t x = 0; x < 4; ++x) EXPECT_NEAR(value(smaller, x, y), 12.5, 1e-4);
      }
    }
    const Raster boxed =
        must(box_shrink(make_values({64, 48}, format, memory, constant), 3, 5, memory.allowance));
    EXPECT_TRUE(std::isnan(value(boxed, 10, 4)));
    for (std::int64_t x = 0; x < boxed.size().width; ++x) {
      if (x != 10) {
        EXPECT_EQ(value(boxed, x, 4), 12.5) << x;
      }
    }
  }
}

TEST_F(Depth, CellsAreTheirMeans) {
  for (const SampleType type : kDepths) {
    const PixelFormat format{type, ColourModel::rgb, false, 1};
    const auto formula = [&](auto x, auto y, int c) {
      return static_cast<double>((x * 1009 + y * 9176 + c * 77) % 60001);
    };
    const Raster output =
        must(box_shrink(make_values({50, 31}, format, memory, formula), 7, 4, memory.allowance));
    ASSERT_EQ(output.size(), (Size{8, 8}));
    for (std::int64_t y = 0; y < 8; ++y) {
      for (std::int64_t x = 0; x < 8; ++x) {
        for (int c = 0; c < 4; ++c) {
          double sum = 0;
          double count = 0;
          for (std::int64_t v = 4 * y; v < std::min<std::int64_t>(31, 4 * y + 4); ++v) {
            for (std::int64_t u = 7 * x; u < std::min<std::int64_t>(50, 7 * x + 7); ++u, ++count) {
              sum += formula(u, v, c);
            }
          }
          const double mean = sum / count;
          ASSERT_NEAR(value(output, x, y, c), type == SampleType::f32 ? mean : std::rint(mean),
                      type == SampleType::f32 ? 0.005 : 0);
        }
      }
    }
  }
}

// Of all depths and with sharp edges, beside numpy: whole numbers rounded, floats to a millionth.
TEST_F(Depth, TurnsAreWhatNumpyMakesOfThem) {
  const Size from{90, 70};
  for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
    const PixelFormat format{type, ColourModel::rgb, false};
    const double full = type == SampleType::u8 ? 255 : type == SampleType::u16 ? 65535 : 1;
    Raster input = make_values(from, format, memory, [&](auto x, auto y, int c) {
      const double value = scene(x * (c + 1), y) * full;
      return type == SampleType::f32 ? value : std::floor(std::clamp(value, 0.0, full));
    });
    for (const double degrees : {33.0, 181.5, 269.0}) {
      const Size size = rotated_size(from, degrees);
      const ScratchFolder folder;
      write_file(folder.file("in"), packed(input));
      const char* kind = type == SampleType::u8 ? "u1" : type == SampleType::u16 ? "u2" : "f4";
      run_python("tests/engine/pipeline/oracle.py",
                 {"rotate_values", folder.file("in"), "90", "70", kind, std::to_string(degrees),
                  std::to_string(size.width), std::to_string(size.height), folder.file("out")});
      const auto bytes = read_file(folder.file("out"));
      ASSERT_EQ(bytes.size(), static_cast<std::size_t>(4 * size.area()) * sizeof(double));
      const auto* expected = reinterpret_cast<const double*>(bytes.data());
      const Raster output = must(
          rotate(unpacked(packed(input), from, format, memory), degrees, true, memory.allowance));
      ASSERT_EQ(output.size(), size);
      for (std::int64_t y = 0; y < size.height; ++y) {
        for (std::int64_t x = 0; x < size.width; ++x, expected += 4) {
          const double rounding = type == SampleType::f32 ? 2e-6 : 0.5;
          // Places are told apart to a 32768th of a pixel.
          const double allowed = type == SampleType::f32 ? 2e-6 : 0.5 + full / 16384;
          ASSERT_NEAR(value(output, x, y, 3), full * expected[3], allowed) << degrees;
          if (expected[3] < 0.05) continue;  // nearly nothing: its colour is coarse
          for (int c = 0; c < 3; ++c) {
            ASSERT_NEAR(value(output, x, y, c), expected[c],
                        rounding + (allowed - rounding) / expected[3])
                << static_cast<int>(type) << ' ' << degrees << ' ' << x << ' ' << y;
          }
        }
      }
    }
  }
}

TEST_F(Depth, TurnsWithAlphaAreThoseOfTheirColours) {
  for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
    const double full = type == SampleType::u8 ? 255 : type == SampleType::u16 ? 65535 : 1;
    for (const ColourModel model : {ColourModel::grey, ColourModel::rgb}) {
      const PixelFormat opaque{type, model, false};
      const PixelFormat clear{type, model, true};
      const auto colour = [&](auto x, auto y, int c) {
        return std::floor(scene(x + 9 * c, y) * 200) / 255 * full;
      };
      // Half of everything: the colours stay, the opacity halves; on white the mean with white.
      const double alpha = type == SampleType::f32 ? 0.5 : std::floor(full / 2);
      const auto translucent = [&](auto x, auto y, int c) {
        return c == clear.channels() - 1 ? alpha : colour(x, y, c);
      };
      const auto turn = [&](const PixelFormat& format, auto values, bool with_alpha) {
        return must(rotate(make_values({40, 30}, format, memory, values), 33, with_alpha,
                           memory.allowance));
      };
      const Raster whole = turn(opaque, colour, true);
      const Raster half = turn(clear, translucent, true);
      const Raster white = turn(clear, translucent, false);
      ASSERT_EQ(half.format(), clear);
      ASSERT_EQ(white.format(), opaque);
      const int last = whole.channels() - 1;
      const double slack = type == SampleType::f32 ? 1e-6 : 1;
      for (std::int64_t y = 0; y < whole.size().height; ++y) {
        for (std::int64_t x = 0; x < whole.size().width; ++x) {
          const double there = value(whole, x, y, last) / full;
          const double weight = there * alpha / full;
          ASSERT_NEAR(value(half, x, y, last), full * weight, slack);
          for (int c = 0; c < last; ++c) {
            if (there > 0) {
              ASSERT_NEAR(value(half, x, y, c), value(whole, x, y, c), slack) << x << ' ' << y;
            }
            ASSERT_NEAR(value(white, x, y, c), value(whole, x, y, c) * weight + full * (1 - weight),
                        2 * slack);
          }
        }
      }
    }
  }
}

TEST_F(Depth, GreysAndWhites) {
  const auto input = [&](SampleType type, double factor) {
    return make_values({2, 1}, {type, ColourModel::rgb, true}, memory, [&](auto x, auto, int c) {
      return factor * (c == 3 ? 0.4 : x == 0 ? 0.25 * c : 0.5);
    });
  };
  const Raster floats = must(to_grey(input(SampleType::f32, 1), memory.allowance));
  EXPECT_NEAR(value(floats, 0, 0), 0.587 * 0.25 + 0.114 * 0.5, 1e-7);
  EXPECT_FLOAT_EQ(static_cast<float>(value(floats, 1, 0)), 0.5F);
  const Raster words = must(to_grey(input(SampleType::u16, 65535), memory.allowance));
  EXPECT_EQ(value(words, 0, 0), std::floor((587.0 * 16383 + 114.0 * 32767 + 500) / 1000));
  EXPECT_EQ(value(words, 0, 0, 1), 26214);

  const Raster white = must(flatten_on_white(input(SampleType::u16, 65535), memory.allowance));
  EXPECT_EQ(value(white, 1, 0),
            std::floor((32767.0 * 26214 + 65535.0 * (65535 - 26214)) / 65535 + 0.5));
  const Raster bright = must(flatten_on_white(input(SampleType::f32, 1), memory.allowance));
  EXPECT_NEAR(value(bright, 1, 0), 0.5 * 0.4 + 0.6, 1e-6);

  Raster parted = make_values({3, 1}, grey_of(SampleType::u16), memory,
                              [](auto x, auto, int) { return 100 * 257 - 1 + x; });
  to_bitonal(parted, 100, {});
  EXPECT_EQ(value(parted, 0, 0), 0);
  EXPECT_EQ(value(parted, 1, 0), 65535);
}

TEST_F(Depth, AnyFormatIsTurnedAndTakenApart) {
  const PixelFormat format{SampleType::u16, ColourModel::cmyk, true, 4};  // 18 bytes
  const auto formula = [](auto x, auto y, int c) { return 100 * x + 10 * y + c; };
  const Raster turned = must(
      mirror_and_turn(make_values({5, 3}, format, memory, formula), false, 1, memory.allowance));
  ASSERT_EQ(turned.size(), (Size{3, 5}));
  for (std::int64_t y = 0; y < 5; ++y) {
    for (std::int64_t x = 0; x < 3; ++x) {
      for (int c = 0; c < 9; ++c) EXPECT_EQ(value(turned, x, y, c), formula(y, 2 - x, c));
    }
  }
  const Raster nearest = must(resample(make_values({5, 3}, format, memory, formula), {1, 1, 4, 2},
                                       {2, 1}, Interpolation::nearest, memory.allowance));
  EXPECT_EQ(value(nearest, 1, 0, 8), formula(4, 2, 8));
}

}  // namespace
}  // namespace iip::test

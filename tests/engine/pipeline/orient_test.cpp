#include "engine/pipeline/stages.h"
#include "support/rasters.h"

namespace iip::test {
namespace {

// The letters of a 3 x 2 picture, turned by hand.
struct Case {
  bool mirror;
  int turns;
  const char* rows;
};

TEST(Orient, LettersLieWhereTheyShould) {
  Memory memory;
  const std::string letters = "abcdef";  // abc over def
  for (const Case& c :
       {Case{false, 0, "abc|def"}, Case{false, 1, "da|eb|fc"}, Case{false, 2, "fed|cba"},
        Case{false, 3, "cf|be|ad"}, Case{true, 0, "cba|fed"}, Case{true, 1, "fc|eb|da"},
        Case{true, 2, "def|abc"}, Case{true, 3, "ad|be|cf"}, Case{false, 5, "da|eb|fc"},
        Case{false, -1, "cf|be|ad"}}) {
    for (const PixelFormat& format :
         {kGrey, kGreyAlpha, kRgb, kRgba, PixelFormat{SampleType::u16, ColourModel::rgb, false},
          PixelFormat{SampleType::f32, ColourModel::rgb, true}}) {
      Raster input = must(Raster::create({3, 2}, format, memory.budget));
      const std::size_t bytes = format.pixel_bytes();
      for (std::size_t i = 0; i < 6; ++i) {
        // Every byte of a pixel is its letter, the last one in capitals.
        std::uint8_t* pixel = input.row(static_cast<std::int64_t>(i / 3)) + i % 3 * bytes;
        std::memset(pixel, letters[i], bytes);
        pixel[bytes - 1] = static_cast<std::uint8_t>(letters[i] - 'a' + 'A');
      }
      const Raster output =
          must(mirror_and_turn(std::move(input), c.mirror, c.turns, memory.allowance));
      std::string rows;
      for (std::int64_t y = 0; y < output.size().height; ++y) {
        if (y > 0) rows += '|';
        for (std::int64_t x = 0; x < output.size().width; ++x) {
          const std::uint8_t* pixel = output.row(y) + static_cast<std::size_t>(x) * bytes;
          rows += static_cast<char>(pixel[bytes - 1] - 'A' + 'a');
          if (bytes > 1) {
            EXPECT_EQ(pixel[0], rows.back());
          }
        }
      }
      EXPECT_EQ(rows, c.rows) << c.mirror << ' ' << c.turns << ' ' << bytes;
    }
  }
}

TEST(Orient, LargerThanOneBlock) {
  Memory memory;
  const auto value = [](auto x, auto y, int c) { return (x * 3 + y * 7 + c) % 256; };
  const Size size{131, 77};
  const Raster output =
      must(mirror_and_turn(make_raster(size, kRgb, memory, value), true, 1, memory.allowance));
  ASSERT_EQ(output.size(), (Size{77, 131}));
  const Raster expected = make_raster({77, 131}, kRgb, memory, [&](auto x, auto y, int c) {
    return value(size.width - 1 - y, size.height - 1 - x, c);
  });
  EXPECT_EQ(packed(output), packed(expected));
}

}  // namespace
}  // namespace iip::test

#include "engine/pipeline/stages.h"
#include "oracle.h"

namespace iip::test {
namespace {

struct Colour : ::testing::Test {
  Memory memory;
  Oracle oracle{memory};
};

TEST_F(Colour, GreyIsTheRoundedLuma) {
  Raster photo = oracle.photo("coffee.jpg");
  const Raster expected = oracle.transformed("grey", photo, {}, photo.size(), kGrey);
  const Raster output = must(to_grey(std::move(photo), memory.allowance));
  EXPECT_EQ(packed(output), packed(expected));
}

TEST_F(Colour, GreysStayWhatTheyAre) {
  Raster greys = make_raster({256, 1}, kRgba, memory,
                             [](auto x, auto, int c) { return c == 3 ? 255 - x : x; });
  const Raster output = must(to_grey(std::move(greys), memory.allowance));
  ASSERT_EQ(output.format(), kGreyAlpha);
  for (std::int64_t x = 0; x < 256; ++x) {
    EXPECT_EQ(sample(output, x, 0, 0), x);
    EXPECT_EQ(sample(output, x, 0, 1), 255 - x);
  }
  Raster grey = make_raster({9, 9}, kGrey, memory, [](auto x, auto y, int) { return x * y; });
  const std::uint8_t* pixels = grey.row(0);
  EXPECT_EQ(must(to_grey(std::move(grey), memory.allowance)).row(0), pixels);
}

TEST_F(Colour, BitonalPartsAtTheThreshold) {
  Raster grey = make_raster({256, 2}, kGrey, memory, [](auto x, auto, int) { return x; });
  to_bitonal(grey, 100, {});
  EXPECT_EQ(sample(grey, 99, 1), 0);
  EXPECT_EQ(sample(grey, 100, 1), 255);
  Raster clear = make_raster({2, 1}, kGreyAlpha, memory,
                             [](auto x, auto, int c) { return c == 1 ? 77 : x * 200; });
  to_bitonal(clear, 100, {});
  EXPECT_EQ(packed(clear), (std::vector<std::uint8_t>{0, 77, 255, 77}));
}

TEST_F(Colour, OtsuMinimisesTheVarianceWithinTheClasses) {
  for (const char* name : {"coffee.jpg", "chelsea.jpg", "brick.jpg", "hubble.jpg"}) {
    Raster grey = must(to_grey(oracle.photo(name), memory.allowance));
    EXPECT_EQ(otsu_threshold(grey), std::stoi(oracle.printed("otsu", grey))) << name;
  }
}

TEST_F(Colour, OtsuOfSimplePictures) {
  const auto threshold = [&](auto value) {
    return otsu_threshold(make_raster({64, 4}, kGrey, memory, value));
  };
  // Two greys: every value above the darker one, up to the lighter one, parts them.
  EXPECT_EQ(threshold([](auto x, auto, int) { return x < 10 ? 40 : 200; }), 41);
  EXPECT_EQ(threshold([](auto x, auto, int) { return x < 10 ? 0 : 255; }), 1);
  EXPECT_EQ(threshold([](auto, auto, int) { return 255; }), 128);
  EXPECT_EQ(threshold([](auto, auto, int) { return 0; }), 128);
}

TEST_F(Colour, FlatteningMixesWithWhite) {
  for (const PixelFormat& format : {kGreyAlpha, kRgba}) {
    const int last = format.channels() - 1;
    // All alphas, with all values of the first channel.
    Raster input = make_raster({256, 256}, format, memory, [&](auto x, auto y, int c) {
      return c == last ? y : (x + c * 50) % 256;
    });
    const PixelFormat flat{format.type, format.model, false};
    const Raster expected =
        oracle.transformed("flatten", input, {std::to_string(format.channels())}, {256, 256}, flat);
    const Raster output = must(flatten_on_white(std::move(input), memory.allowance));
    EXPECT_EQ(packed(output), packed(expected));
  }
}

}  // namespace
}  // namespace iip::test

// The values of IIP's commands: size, region, quality, bits, view, rotation and the rest.
#include <array>
#include <string>

#include "iip_parsing.h"

namespace iip {
namespace {

using Form = SizeRequest::Form;

TEST(IipSize, SidesAndBox) {
  struct Case {
    const char* commands;
    Form form;
    std::uint64_t width, height;
  };
  for (const Case& expected :
       {Case{"", Form::natural, 0, 0},
        {"WID=400&", Form::width, 400, 0},
        {"HEI=300&", Form::height, 0, 300},
        {"WID=400&HEI=300&", Form::confined, 400, 300},
        {"WID=400&WID=0&", Form::natural, 0, 0},
        {"WID=400&HEI=0&", Form::width, 400, 0},
        {"WID=400.9&", Form::width, 400, 0},
        {"WID=0400&", Form::width, 400, 0},
        {"WID=.5&", Form::natural, 0, 0},
        {"WID=18446744073709551615&", Form::width, 18446744073709551615u, 0}}) {
    const auto request = convert(std::string(expected.commands) + "CVT=jpeg");
    ASSERT_TRUE(request) << expected.commands;
    EXPECT_EQ(request->size.form, expected.form) << expected.commands;
    EXPECT_EQ(request->size.width, expected.width) << expected.commands;
    EXPECT_EQ(request->size.height, expected.height) << expected.commands;
    EXPECT_EQ(request->size.enlarging, SizeRequest::Enlarging::silent);
    EXPECT_EQ(request->size.over_limit, SizeRequest::OverLimit::shrunk);
  }
}

TEST(IipRegion, Fractions) {
  struct Case {
    const char* text;
    std::array<double, 4> region;
  };
  for (const Case& expected : {Case{"0.1,0.2,0.3,0.4", {0.1, 0.2, 0.3, 0.4}},
                               {"0,0,1,1", {0, 0, 1, 1}},
                               {"-0.5,-1,2,1e9", {0, 0, 1, 1}},
                               {"1e-1,+.25,5e-1,1e-300", {0.1, 0.25, 0.5, 1e-300}},
                               {"1,1,1e308,1", {1, 1, 1, 1}}}) {
    const auto request = convert("RGN=" + std::string(expected.text) + "&CVT=jpeg");
    ASSERT_TRUE(request) << expected.text;
    const auto* region = std::get_if<FractionRegion>(&request->region);
    ASSERT_NE(region, nullptr) << expected.text;
    EXPECT_EQ(region->x, expected.region[0]) << expected.text;
    EXPECT_EQ(region->y, expected.region[1]) << expected.text;
    EXPECT_EQ(region->width, expected.region[2]) << expected.text;
    EXPECT_EQ(region->height, expected.region[3]) << expected.text;
  }
}

TEST(IipRegion, WithoutFourNumbersOrAreaIsIgnored) {
  for (const char* text :
       {"0,0,0,1", "0,0,1,0", "0,0,-1,1", "0,0,1", "0,0,1,1,1", "0", "0,0,-0,1"}) {
    const auto request = convert("RGN=" + std::string(text) + "&CVT=jpeg");
    ASSERT_TRUE(request) << text;
    EXPECT_TRUE(std::holds_alternative<WholeImage>(request->region)) << text;
  }
  // It does not undo an earlier one.
  const auto request = convert("RGN=0,0,.5,.5&RGN=0,0,0,0&CVT=jpeg");
  EXPECT_TRUE(std::holds_alternative<FractionRegion>(request->region));
}

TEST(IipQuality, IsHeldToTheEncodersRange) {
  struct Case {
    const char* commands;
    int quality;
  };
  for (const Case& expected : {Case{"QLT=90&CVT=jpeg", 90},
                               {"QLT=0&CVT=jpeg", 1},
                               {"QLT=-1&CVT=jpeg", 1},
                               {"QLT=101&CVT=jpg", 100},
                               {"QLT=9223372036854775807&JTL=0,0", 100},
                               {"QLT=75&PTL=0,0", 9},
                               {"QLT=-5&CVT=png", 0},
                               {"QLT=6&CVT=png", 6},
                               {"QLT=lzw:4&CVT=png", 4},
                               {"QLT=jpeg:40&CVT=jpeg", 40},
                               {"QLT=1&QLT=2&CVT=jpeg", 2},
                               {"QLT=-1&CVT=webp", -1},
                               {"QLT=-9&WTL=0,0", -1},
                               {"QLT=0&CVT=avif", 0},
                               {"QLT=1000&ATL=0,0", 100},
                               {"QLT=deflate:20&CVT=tiff", 9},
                               {"QLT=zstd:20&CVT=tiff", 19},
                               {"QLT=zstd:0&CVT=tiff", 1},
                               {"QLT=jpeg:0&TTL=0,0", 1},
                               {"QLT=webp:101&TTL=0,0", 100},
                               {"QLT=none:7&CVT=tif", 7},
                               {"QLT=-3&CVT=tif", 0},
                               {"QLT=80&CVT=tif", 80}}) {
    const auto request = convert(expected.commands);
    ASSERT_TRUE(request) << expected.commands;
    EXPECT_EQ(request->quality, expected.quality) << expected.commands;
  }
  EXPECT_FALSE(convert("CVT=jpeg")->quality.has_value());
}

TEST(IipQuality, NamesTheCompressionOfATiff) {
  struct Case {
    const char* value;
    std::optional<TiffScheme> scheme;
  };
  for (const Case& expected : {Case{"5", std::nullopt},
                               {"none:1", TiffScheme::none},
                               {"lzw:1", TiffScheme::lzw},
                               {"LZW:1", TiffScheme::lzw},
                               {"deflate:1", TiffScheme::deflate},
                               {"jpeg:1", TiffScheme::jpeg},
                               {"webp:1", TiffScheme::webp},
                               {"zstd:1", TiffScheme::zstd},
                               {"packbits:1", TiffScheme::none},
                               {":1", TiffScheme::none}}) {
    const auto request = convert("QLT=" + std::string(expected.value) + "&CVT=tiff");
    ASSERT_TRUE(request) << expected.value;
    EXPECT_EQ(request->tiff_scheme, expected.scheme) << expected.value;
  }
  EXPECT_EQ(convert("QLT=lzw:1&QLT=3&CVT=tiff")->tiff_scheme, std::nullopt);
}

TEST(IipBits, EightSixteenOrThirtyTwo) {
  EXPECT_EQ(convert("CVT=png")->bits, 8);
  EXPECT_EQ(convert("BIT=16&CVT=png")->bits, 16);
  EXPECT_EQ(convert("bit=32&TTL=0,0")->bits, 32);
  EXPECT_EQ(convert("BIT=16&BIT=8&CVT=tiff")->bits, 8);
  for (const char* value : {"0", "1", "12", "64", "-8", "8.0", "016.", "sixteen", "BIT"}) {
    EXPECT_EQ(error_kind("FIF=a&BIT=" + std::string(value) + "&CVT=png"), ErrorKind::malformed);
  }
}

TEST(IipView, IsTheOneChosenBeforeTheOutput) {
  const auto view = [](const std::string& commands) {
    const auto parsed = parse_query("FIF=a&" + commands);
    EXPECT_TRUE(parsed) << commands << ": " << why(parsed);
    return parsed ? parsed->view : std::nullopt;
  };
  EXPECT_EQ(view("JTL=0,0"), std::nullopt);
  EXPECT_EQ(view("SDS=10,45&JTL=0,0"), (View{10, 45}));
  EXPECT_EQ(view("SDS=10&CVT=jpeg"), (View{10, 0}));
  EXPECT_EQ(view("SDS=1,2&SDS=-3,4&TIL=0,0"), (View{-3, 4}));
  EXPECT_EQ(view("JTLS=20,0,0,30"), (View{20, 30}));
  EXPECT_EQ(view("SDS=1,2&JTLS=20,0,0,30"), (View{20, 30}));
  EXPECT_EQ(view("SDS=5,90&OBJ=max-size"), (View{5, 90}));
  EXPECT_EQ(view("JTL=0,0&SDS=5,90"), std::nullopt) << "it comes too late";
  EXPECT_EQ(view("SDS=9223372036854775807,-9223372036854775807&CVT=jpeg"),
            (View{9223372036854775807, -9223372036854775807}));
}

TEST(IipSpectrum, Point) {
  const auto parsed = parse_query("FIF=a&SPECTRA=3,17,5,250");
  ASSERT_TRUE(parsed) << why(parsed);
  const auto* point = std::get_if<SpectrumRequest>(&parsed->request);
  ASSERT_NE(point, nullptr);
  EXPECT_EQ(point->tile.resolution, 3u);
  EXPECT_EQ(point->tile.index, 17u);
  EXPECT_EQ(point->x, 5u);
  EXPECT_EQ(point->y, 250u);
}

TEST(IipProfile, Lines) {
  struct Case {
    const char* value;
    std::array<std::uint64_t, 5> numbers;
  };
  for (const Case& expected :
       {Case{"2:1,3-40,50", {2, 1, 3, 40, 50}},
        {"2:40,50-1,3", {2, 40, 50, 1, 3}},
        {"0:7,8", {0, 7, 8, 7, 8}},
        {"0:7,8-7,8", {0, 7, 8, 7, 8}},
        {"0:0,0-18446744073709551615,0", {0, 0, 0, 18446744073709551615u, 0}}}) {
    const auto parsed = parse_query("FIF=a&PFL=" + std::string(expected.value));
    ASSERT_TRUE(parsed) << expected.value << ": " << why(parsed);
    const auto* line = std::get_if<ProfileRequest>(&parsed->request);
    ASSERT_NE(line, nullptr);
    EXPECT_EQ((std::array{line->resolution, line->x1, line->y1, line->x2, line->y2}),
              expected.numbers)
        << expected.value;
  }
}

TEST(IipRotation, IsNormalised) {
  struct Case {
    const char* text;
    bool mirror;
    double degrees;
  };
  for (const Case& expected : {Case{"0", false, 0},
                               {"90", false, 90},
                               {"-90", false, 270},
                               {"-180", false, 180},
                               {"-270", false, 90},
                               {"450", false, 90},
                               {"360", false, 0},
                               {"-360", false, 0},
                               {"-0", false, 0},
                               {"720", false, 0},
                               {"-450", false, 270},
                               {"!180", true, 180},
                               {"!0", true, 0},
                               {"!-90", true, 270},
                               {"22.5", false, 22.5},
                               {"-1e-30", false, 0},
                               {"1e1", false, 10},
                               {"+90", false, 90}}) {
    const auto request = convert("ROT=" + std::string(expected.text) + "&CVT=jpeg");
    ASSERT_TRUE(request) << expected.text;
    EXPECT_EQ(request->mirror, expected.mirror) << expected.text;
    EXPECT_EQ(request->rotation, expected.degrees) << expected.text;
    EXPECT_FALSE(std::signbit(request->rotation)) << expected.text;
  }
  // The largest numbers still give an angle of the circle.
  const auto request = convert("ROT=-1e308&CVT=jpeg");
  ASSERT_TRUE(request);
  EXPECT_GE(request->rotation, 0);
  EXPECT_LT(request->rotation, 360);
}

TEST(IipColouring, Names) {
  EXPECT_EQ(convert("COL=grey&JTL=0,0")->colouring, Colouring::grey);
  EXPECT_EQ(convert("COL=GRAY&JTL=0,0")->colouring, Colouring::grey);
  EXPECT_EQ(convert("COL=binary&CVT=png")->colouring, Colouring::bitonal);
  EXPECT_EQ(convert("COL=sepia&CVT=png")->colouring, Colouring::as_is);
}

}  // namespace
}  // namespace iip

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "iip_parsing.h"

namespace iip {
namespace {

using Form = SizeRequest::Form;

TEST(IipImage, NameIsDecodedOnceAndStripped) {
  struct Case {
    const char* raw;
    const char* image;
    const char* identifier;
  };
  for (const Case& expected : {Case{"a.tif", "a.tif", "a.tif"},
                               {"/dir/a.tif", "dir/a.tif", "/dir/a.tif"},
                               {"//dir/a.tif", "dir/a.tif", "//dir/a.tif"},
                               {"%2Fdir%2Fa.tif", "dir/a.tif", "%2Fdir%2Fa.tif"},
                               {"a%252Fb.tif", "a%2Fb.tif", "a%252Fb.tif"},
                               {"a+b.tif", "a b.tif", "a+b.tif"},
                               {"a%2Bb.tif", "a+b.tif", "a%2Bb.tif"},
                               {"a=b.tif", "a=b.tif", "a=b.tif"},
                               {"a;b[1].tif", "a;b[1].tif", "a;b%5B1%5D.tif"},
                               {"a?b.tif", "a?b.tif", "a%3Fb.tif"},
                               {"x%26y.tif", "x&y.tif", "x%26y.tif"},
                               {"K%C3%B6ln", "K\xC3\xB6ln", "K%C3%B6ln"},
                               {"../../etc/passwd", "../../etc/passwd", "../../etc/passwd"}}) {
    const auto parsed = parse_query("FIF=" + std::string(expected.raw) + "&JTL=0,0");
    ASSERT_TRUE(parsed) << expected.raw << ": " << why(parsed);
    EXPECT_EQ(parsed->protocol, Protocol::iip);
    EXPECT_EQ(parsed->image, expected.image);
    EXPECT_EQ(parsed->identifier, expected.identifier);
    EXPECT_FALSE(parsed->in_path);
    EXPECT_FALSE(parsed->varies_on_accept);
  }
}

TEST(IipImage, NameIsRefused) {
  EXPECT_EQ(error_line("FIF=a%00&JTL=0,0"), line("1 3 a%00"));
  EXPECT_EQ(error_line("FIF=a%zz&JTL=0,0"), line("1 3 a%zz"));
  EXPECT_EQ(error_kind("FIF=%&JTL=0,0"), ErrorKind::malformed);
  EXPECT_EQ(error_kind("FIF=/&JTL=0,0"), ErrorKind::malformed);
  EXPECT_EQ(error_kind("FIF&JTL=0,0"), ErrorKind::malformed);
  EXPECT_EQ(error_line("FIF=&JTL=0,0"), line("1 3 0,0"));
}

TEST(IipImage, SecondNameIsRefused) {
  EXPECT_EQ(error_line("FIF=a&FIF=b&JTL=0,0"), line("2 1 FIF=b"));
  EXPECT_EQ(error_line("FIF=a&JTL=0,0&FIF=b"), line("2 1 FIF=b"));
  EXPECT_EQ(error_line("FIF=a&IIIF=b/info.json"), line("2 1 IIIF=b/info.json"));
  EXPECT_EQ(error_line("FIF=a&deepzoom=b.dzi"), line("2 1 deepzoom=b.dzi"));
}

TEST(IipSplitting, LettersEmptyItemsAndBareCommands) {
  const auto parsed = parse_query("&&fif=a.tif&=x&WID=&wid=10&&Hei=20&cvt=JPEG&");
  const ImageRequest* request = image_request(parsed);
  ASSERT_NE(request, nullptr) << why(parsed);
  EXPECT_EQ(request->size.form, Form::confined);
  EXPECT_EQ(request->size.width, 10u);
  EXPECT_EQ(request->size.height, 20u);
  // Bare commands are commands: INV is known, and FOO is not.
  EXPECT_TRUE(convert("INV&JTL=0,0")->processing.invert);
  EXPECT_EQ(error_line("FIF=a&FOO&JTL=0,0"), line("2 2 FOO"));
  // ';' separates nothing.
  EXPECT_EQ(error_line("FIF=a&JTL=0,0;PTL=0,0"), line("2 1 JTL=0,0;PTL=0,0"));
}

TEST(IipObjects, AreCollectedInOrder) {
  const auto parsed =
      parse_query("FIF=a&OBJ=IIP,1.0&obj=Max-Size&ROT=90&OBJ=max-size&OBJ=Colorspace,0-2,0");
  const auto* answer = info_request<IipObjects>(parsed);
  ASSERT_NE(answer, nullptr) << why(parsed);
  ASSERT_EQ(answer->objects.size(), 4u);
  EXPECT_EQ(answer->objects[0].name, "iip");
  EXPECT_EQ(answer->objects[1].name, "max-size");
  EXPECT_FALSE(answer->objects[1].quarter_turned);
  EXPECT_EQ(answer->objects[2].name, "max-size");
  EXPECT_TRUE(answer->objects[2].quarter_turned);
  EXPECT_EQ(answer->objects[3].name, "colorspace");
}

TEST(IipObjects, QuarterTurned) {
  const auto turned = [](const std::string& rotation) {
    const auto parsed = parse_query("FIF=a&ROT=" + rotation + "&OBJ=max-size");
    const auto* answer = info_request<IipObjects>(parsed);
    return answer != nullptr && answer->objects.at(0).quarter_turned;
  };
  for (const char* rotation : {"90", "270", "-90", "-270", "450", "90.9", "!90"}) {
    EXPECT_TRUE(turned(rotation)) << rotation;
  }
  for (const char* rotation : {"0", "180", "-180", "360", "45", "89.9", "!180"}) {
    EXPECT_FALSE(turned(rotation)) << rotation;
  }
}

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

TEST(IipConvert, FormatsAndDisposition) {
  EXPECT_EQ(convert("CVT=jpeg")->format, Format::jpeg);
  EXPECT_EQ(convert("CVT=JPG")->format, Format::jpeg);
  EXPECT_EQ(convert("CVT=png")->format, Format::png);
  EXPECT_TRUE(convert("CVT=png")->name_the_file);
  EXPECT_FALSE(convert("CVT=png")->as_attachment);
  EXPECT_FALSE(convert("JTL=0,0")->name_the_file);
  const auto posted = parse_query("FIF=a&CVT=jpeg", true);
  EXPECT_TRUE(image_request(posted)->as_attachment);
  EXPECT_EQ(convert("CVT=webp")->format, Format::webp);
  EXPECT_EQ(convert("CVT=AVIF")->format, Format::avif);
  EXPECT_EQ(convert("CVT=tif")->format, Format::tiff);
  EXPECT_EQ(convert("CVT=tiff")->format, Format::tiff);
  // What is no format is JPEG.
  for (const char* format : {"gif", "CVT", "jpeg%0d%0aX:1", "jpegx", "jp2", "png8"}) {
    const auto request = convert("CVT=" + std::string(format));
    ASSERT_TRUE(request) << format;
    EXPECT_EQ(request->format, Format::jpeg) << format;
  }
}

TEST(IipTile, Commands) {
  const auto expect_tile = [](const std::string& commands, std::uint64_t resolution,
                              std::uint64_t index, Format format) {
    const auto request = convert(commands);
    ASSERT_TRUE(request) << commands;
    const auto* tile = std::get_if<NativeTile>(&request->region);
    ASSERT_NE(tile, nullptr) << commands;
    EXPECT_EQ(tile->resolution, resolution) << commands;
    EXPECT_EQ(tile->index, index) << commands;
    EXPECT_EQ(request->format, format) << commands;
  };
  expect_tile("JTL=3,17", 3, 17, Format::jpeg);
  expect_tile("jtl=0,0", 0, 0, Format::jpeg);
  expect_tile("PTL=3,17", 3, 17, Format::png);
  expect_tile("WTL=3,17", 3, 17, Format::webp);
  expect_tile("ATL=3,17", 3, 17, Format::avif);
  expect_tile("TTL=3,17", 3, 17, Format::tiff);
  expect_tile("JTLS=0,3,17,90", 3, 17, Format::jpeg);
  expect_tile("JTLS=0,3,17,0", 3, 17, Format::jpeg);
  expect_tile("WID=5&RGN=0,0,.5,.5&JTL=1,2", 1, 2, Format::jpeg);
  const auto request = convert("ROT=!90&COL=grey&QLT=50&JTL=1,2");
  EXPECT_EQ(request->rotation, 90);
  EXPECT_TRUE(request->mirror);
  EXPECT_EQ(request->colouring, Colouring::grey);
  EXPECT_EQ(request->quality, 50);
}

TEST(IipTileBlock, Forms) {
  struct Case {
    const char* value;
    std::uint64_t resolution, first, last;
  };
  for (const Case& expected : {Case{"2,5", 2, 5, 5},
                               {"2,5-9", 2, 5, 9},
                               {"2,9-5", 2, 9, 9},
                               {"2,5-9,0", 2, 5, 9},
                               {"2,5,0", 2, 5, 5}}) {
    const auto parsed = parse_query("FIF=a&ROT=90&INV&TIL=" + std::string(expected.value));
    ASSERT_TRUE(parsed) << expected.value << ": " << why(parsed);
    const auto* block = std::get_if<TileBlockRequest>(&parsed->request);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(block->resolution, expected.resolution) << expected.value;
    EXPECT_EQ(block->first, expected.first) << expected.value;
    EXPECT_EQ(block->last, expected.last) << expected.value;
  }
}

TEST(IipOrder, WhatFollowsTheOutputDoesNothing) {
  const auto request = convert(
      "QLT=10&CVT=jpeg&WID=400&HEI=300&RGN=0,0,.5,.5&ROT=90&COL=grey&QLT=99&SDS=10,20&GAM=2&INV");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->size.form, Form::natural);
  EXPECT_TRUE(std::holds_alternative<WholeImage>(request->region));
  EXPECT_EQ(request->rotation, 0);
  EXPECT_EQ(request->colouring, Colouring::as_is);
  EXPECT_EQ(request->quality, 10);
}

TEST(IipOrder, OneOutputARequest) {
  const std::vector<std::string> outputs = {"CVT=jpeg", "JTL=0,0", "PTL=0,0", "JTLS=0,0,0,90",
                                            "TIL=0,0"};
  for (const std::string& first : outputs) {
    for (const std::string& second : outputs) {
      EXPECT_EQ(error_line("FIF=a&" + first + "&" + second), line("2 1 " + second));
      EXPECT_EQ(error_kind("FIF=a&" + first + "&" + second), ErrorKind::malformed);
    }
    EXPECT_EQ(error_line("FIF=a&OBJ=max-size&" + first), line("2 1 " + first));
    EXPECT_EQ(error_line("FIF=a&" + first + "&OBJ=max-size"), line("2 1 OBJ=max-size"));
  }
}

TEST(IipOrder, OutputNeedsAnImageBeforeIt) {
  EXPECT_EQ(error_line("CVT=jpeg&FIF=a"), line("1 3 jpeg"));
  EXPECT_EQ(error_line("OBJ=max-size&FIF=a"), line("1 3 max-size"));
  EXPECT_EQ(error_line("JTL=0,1"), line("1 3 0,1"));
  EXPECT_EQ(error_line("TIL=0,1"), line("1 3 0,1"));
  EXPECT_EQ(error_kind("JTL=0,1"), ErrorKind::malformed);
  // Modifiers do not.
  EXPECT_NE(image_request(parse_query("WID=5&FIF=a&CVT=jpeg")), nullptr);
}

TEST(IipErrors, NothingProducedAndUnknown) {
  EXPECT_EQ(error_line("FIF=a"), line("2 1 FIF=a"));
  EXPECT_EQ(error_line("FIF=a&WID=5"), line("2 1 FIF=a&WID=5"));
  EXPECT_EQ(error_line("FIF=a&GAM=2"), line("2 1 FIF=a&GAM=2"));
  EXPECT_EQ(error_line("FIF=a&FOO=1&CVT=jpeg"), line("2 2 FOO"));
  EXPECT_EQ(error_line("v=123"), line("2 2 v"));
  EXPECT_EQ(error_kind("FIF=a&FOO=1&CVT=jpeg"), ErrorKind::malformed);
}

TEST(IipErrors, EchoIsPrintableAndShort) {
  EXPECT_EQ(error_line("FIF=a&X\r\nSet-Cookie: x\x85\x7f\xC3\xA9=1"),
            line("2 2 X??Set-Cookie: x????"));
  EXPECT_EQ(error_line("FIF=a&" + std::string(5000, 'x')), line("2 2 " + std::string(64, 'x')));
  EXPECT_EQ(error_line("FIF=a&X%0d%0aY=1"), line("2 2 X%0d%0aY"));
}

TEST(IipErrors, AtMost64Commands) {
  const auto repeated = [](const std::string& command, int times) {
    std::string query = "FIF=a";
    for (int i = 0; i < times; ++i) query += "&" + command;
    return query;
  };
  EXPECT_TRUE(parse_query(repeated("WID=5", 62) + "&CVT=jpeg"));
  EXPECT_EQ(error_kind(repeated("WID=5", 63) + "&CVT=jpeg"), ErrorKind::malformed);
  EXPECT_TRUE(parse_query(repeated("OBJ=max-size", 63)));
  EXPECT_EQ(error_kind(repeated("OBJ=max-size", 64)), ErrorKind::malformed);
  EXPECT_EQ(error_kind(repeated("CVT=jpeg", 500)), ErrorKind::malformed);
  EXPECT_EQ(error_kind(repeated("FIF=a", 500)), ErrorKind::malformed);
  EXPECT_EQ(error_kind(repeated("OBJ=x", 20000)), ErrorKind::malformed);
  // Empty items are no commands.
  EXPECT_TRUE(parse_query(repeated("", 8000) + "&CVT=jpeg"));
}

}  // namespace
}  // namespace iip

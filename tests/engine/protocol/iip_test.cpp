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

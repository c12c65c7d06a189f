// What the processing commands ask for, in IIP and in the query of an extended IIIF URL.
#include <array>
#include <string>
#include <vector>

#include "parsing.h"

namespace iip {
namespace {

std::optional<Processing> iip_processing(const std::string& commands) {
  const auto parsed = parse_query("FIF=a&" + commands + "&CVT=png");
  const ImageRequest* request = image_request(parsed);
  if (request == nullptr) return std::nullopt;
  return request->processing;
}

// The same commands in IIP and in IIIF.
std::vector<Processing> asked(const std::string& commands) {
  std::vector<Processing> found;
  const auto iip = iip_processing(commands);
  EXPECT_TRUE(iip) << commands;
  if (iip) found.push_back(*iip);
  const auto iiif = parse_extended(commands);
  EXPECT_TRUE(iiif) << commands << ": " << why(iiif);
  if (const ImageRequest* request = image_request(iiif)) found.push_back(request->processing);
  return found;
}

void expect_refused(const std::string& commands) {
  const auto iip = parse_query("FIF=a&" + commands + "&CVT=png");
  ASSERT_FALSE(iip) << commands;
  EXPECT_EQ(iip.error().kind, ErrorKind::malformed) << commands;
  EXPECT_THAT(iip.error().wire_body, testing::HasSubstr(":2 1 ")) << commands;
  const auto iiif = parse_extended(commands);
  ASSERT_FALSE(iiif) << commands;
  EXPECT_EQ(iiif.error().kind, ErrorKind::malformed) << commands;
  EXPECT_TRUE(iiif.error().wire_body.empty());
}

TEST(Processing, Ranges) {
  for (const Processing& found :
       asked("MINMAX=0:1,255&MINMAX=-:-5.5,1e3&MINMAX=3:9,-9&MINMAX=0:-1e300,1e300")) {
    ASSERT_EQ(found.ranges.size(), 4U);
    EXPECT_EQ(found.ranges[0].channel, 0);
    EXPECT_EQ(found.ranges[0].min, 1);
    EXPECT_EQ(found.ranges[0].max, 255);
    EXPECT_EQ(found.ranges[1].channel, std::nullopt);
    EXPECT_EQ(found.ranges[1].min, -5.5);
    EXPECT_EQ(found.ranges[1].max, 1000);
    EXPECT_EQ(found.ranges[2].channel, 3);
    EXPECT_EQ(found.ranges[2].min, 9);
    EXPECT_EQ(found.ranges[2].max, -9);
    EXPECT_EQ(found.ranges[3].min, -1e30) << "held";
    EXPECT_EQ(found.ranges[3].max, 1e30) << "held";
  }
  for (const Processing& found :
       asked("MINMAX=65535:1,2&MINMAX=18446744073709551615:1,2&minmax=70000:0,1")) {
    EXPECT_TRUE(found.ranges.empty()) << "no image has so many channels";
  }
  for (const char* value :
       {"0", "0,1,255", "0:1", "0:1,2,3", ":1,2", "--:1,2", "a:1,2", "-1:1,2", "0:1,nan", "0:inf,1",
        "0:,", "0:1e999,2", "0;1,2", "1.5:0,1", "18446744073709551616:1,2"}) {
    expect_refused("MINMAX=" + std::string(value));
  }
}

TEST(Processing, Contrast) {
  struct Case {
    const char* commands;
    Spread spread;
    double contrast;
  };
  for (const Case& expected : {Case{"CNT=1.5", Spread::as_is, 1.5},
                               {"CNT=1", Spread::as_is, 1},
                               {"CNT=0", Spread::as_is, 0},
                               {"CNT=-0", Spread::as_is, 0},
                               {"CNT=-2", Spread::as_is, 0},
                               {"CNT=1e300", Spread::as_is, 1e30},
                               {"CNT=-1", Spread::stretch, 1},
                               {"CNT=st", Spread::stretch, 1},
                               {"CNT=Stretch", Spread::stretch, 1},
                               {"CNT=eq", Spread::equalise, 1},
                               {"cnt=EQUALIZATION", Spread::equalise, 1},
                               {"CNT=3&CNT=stretch", Spread::stretch, 1},
                               {"CNT=eq&CNT=2", Spread::as_is, 2},
                               {"CNT=stretch&CNT=1", Spread::as_is, 1}}) {
    for (const Processing& found : asked(expected.commands)) {
      EXPECT_EQ(found.spread, expected.spread) << expected.commands;
      EXPECT_EQ(found.contrast, expected.contrast) << expected.commands;
    }
  }
  for (const char* value : {"stretchy", "equal", "nan", "-inf", "1,5", "1e", "0x2"}) {
    expect_refused("CNT=" + std::string(value));
  }
}

TEST(Processing, Gamma) {
  struct Case {
    const char* commands;
    bool logarithm;
    double gamma;
  };
  for (const Case& expected : {Case{"GAM=0.8", false, 0.8},
                               {"GAM=0", false, 0},
                               {"GAM=-3", false, 0},
                               {"GAM=1e300", false, 1000},
                               {"GAM=log", true, 1},
                               {"GAM=Logarithm", true, 1},
                               {"GAM=-1", true, 1},
                               {"GAM=-1.0", true, 1},
                               {"GAM=2&GAM=log", true, 1},
                               {"GAM=log&GAM=2", false, 2}}) {
    for (const Processing& found : asked(expected.commands)) {
      EXPECT_EQ(found.logarithm, expected.logarithm) << expected.commands;
      EXPECT_EQ(found.gamma, expected.gamma) << expected.commands;
    }
  }
  for (const char* value : {"ln", "nan", "inf", "1;2"}) {
    expect_refused("GAM=" + std::string(value));
  }
}

TEST(Processing, Hillshade) {
  struct Case {
    const char* value;
    double azimuth, elevation;
  };
  for (const Case& expected : {Case{"120,30", 120, 30},
                               {"-90,45", 270, 45},
                               {"720.5,0", 0.5, 0},
                               {"1e300,1e300", 0, 90},
                               {"0,-91", 0, -90}}) {
    for (const Processing& found : asked("SHD=" + std::string(expected.value))) {
      ASSERT_TRUE(found.hillshade) << expected.value;
      EXPECT_GE(found.hillshade->azimuth, 0);
      EXPECT_LT(found.hillshade->azimuth, 360);
      if (std::string(expected.value) != "1e300,1e300") {
        EXPECT_EQ(found.hillshade->azimuth, expected.azimuth) << expected.value;
      }
      EXPECT_EQ(found.hillshade->elevation, expected.elevation) << expected.value;
    }
  }
  for (const char* value : {"30", "30,30,30"}) {
    for (const Processing& found : asked("SHD=" + std::string(value))) {
      EXPECT_FALSE(found.hillshade) << value;
    }
  }
  for (const char* value : {"30,", ",", "nan,30", "30,inf"}) {
    expect_refused("SHD=" + std::string(value));
  }
}

TEST(Processing, Twist) {
  const ColourTwist wanted = {{1, 0.5F, 0}, {0, -1, 2}};
  for (const char* value : {"[1,0.5,0;0,-1,2]", "1,.5,0;0,-1,2", "%5B1%2C0.5%2C0%3B0%2C-1%2C2%5D",
                            "[1,+0.5,+0;0,-1,2;]", "[+1,+0.5,+0;+0,+-1,+2+]",
                            "%5B1,%200.5,0;0,-1,2%5D", "[1,0.5,0;0,-1,2", "[1,.5,-0;0,-1,2]"}) {
    for (const Processing& found : asked("CTW=" + std::string(value))) {
      EXPECT_EQ(found.twist, wanted) << value;
    }
  }
  for (const Processing& found : asked("CTW=[1,0]&CTW=[0,1;2]")) {
    EXPECT_EQ(found.twist, (ColourTwist{{1, 0}, {0, 1}, {2}})) << "rows are appended";
  }
  for (const Processing& found : asked("CTW=[1e300,-1e300,1e-300]")) {
    EXPECT_EQ(found.twist, (ColourTwist{{1e30F, -1e30F, 0}})) << "held";
  }
  for (const char* value : {"[]", "[;]", ";", "[1,]", "[,1]", "[1,,2]", "[a]", "[nan]", "[inf]",
                            "[1e999]", "[[1]]", "%00", "%zz", "[1;;2]", "[1 2]"}) {
    expect_refused("CTW=" + std::string(value));
  }
}

TEST(Processing, TwistHasALimit) {
  std::string sixteen = "CTW=[1";
  for (int i = 1; i < 16; ++i) sixteen += ";1";
  EXPECT_TRUE(iip_processing(sixteen + "]"));
  expect_refused(sixteen + ";1]");
  expect_refused(sixteen + "]&CTW=[1]");
  std::string wide = "CTW=[1";
  for (int i = 1; i < 256; ++i) wide += ",1";
  EXPECT_TRUE(iip_processing(wide));
  expect_refused(wide + ",1");
}

TEST(Processing, ColourMaps) {
  struct Case {
    const char* commands;
    ColourMap map;
  };
  for (const Case& expected : {Case{"CMP=hot", ColourMap::hot},
                               {"CMP=COLD", ColourMap::cold},
                               {"CMP=jet", ColourMap::jet},
                               {"CMP=red", ColourMap::red},
                               {"CMP=green", ColourMap::green},
                               {"CMP=blue", ColourMap::blue},
                               {"CMP=viridis", ColourMap::viridis},
                               {"CMP=magma", ColourMap::magma},
                               {"CMP=inferno", ColourMap::inferno},
                               {"CMP=plasma", ColourMap::plasma},
                               {"CMP=cividis", ColourMap::cividis},
                               {"CMP=jet&CMP=none", ColourMap::none},
                               {"CMP=jets", ColourMap::none}}) {
    for (const Processing& found : asked(expected.commands)) {
      EXPECT_EQ(found.map, expected.map) << expected.commands;
    }
  }
}

TEST(Processing, InversionTakesAnything) {
  for (const char* command : {"INV", "inv", "INV=0", "INV=1&INV"}) {
    for (const Processing& found : asked(command)) EXPECT_TRUE(found.invert) << command;
  }
}

// Written down from the documentation of the command.
TEST(Processing, NamedKernels) {
  struct Case {
    const char* name;
    std::array<float, 9> weights;
  };
  for (const Case& expected : {Case{"sobel", {-1, 0, 1, -2, 0, 2, -1, 0, 1}},
                               {"prewitt", {1, 0, -1, 1, 0, -1, 1, 0, -1}},
                               {"scharr", {-3, 0, 3, -10, 0, 10, -3, 0, 3}},
                               {"laplace", {-1, -1, -1, -1, 8, -1, -1, -1, -1}},
                               {"Gaussian", {1, 2, 1, 2, 4, 2, 1, 2, 1}},
                               {"sharpen", {0, -1, 0, -1, 5, -1, 0, -1, 0}},
                               {"emboss", {-2, -1, 0, -1, 1, 1, 0, 1, 2}}}) {
    for (const Processing& found : asked("CNV=" + std::string(expected.name))) {
      ASSERT_TRUE(found.kernel) << expected.name;
      EXPECT_EQ(found.kernel->side, 3);
      for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_EQ(found.kernel->weights[i], expected.weights[i]) << expected.name << " " << i;
      }
    }
  }
}

TEST(Processing, OwnKernels) {
  for (const char* value : {"[0,-1,0,-1,5,-1,0,-1,0]", "0,-1,0,-1,5,-1,0,-1,0",
                            "%5B0%2C-1%2C0%2C-1%2C5%2C-1%2C0%2C-1%2C0%5D"}) {
    for (const Processing& found : asked("CNV=" + std::string(value))) {
      ASSERT_TRUE(found.kernel) << value;
      EXPECT_EQ(found.kernel->side, 3);
      EXPECT_EQ(found.kernel->weights[4], 5);
      EXPECT_EQ(found.kernel->weights[7], -1);
    }
  }
  for (const char* value : {"2", "[2]"}) {
    for (const Processing& found : asked("CNV=" + std::string(value))) {
      ASSERT_TRUE(found.kernel);
      EXPECT_EQ(found.kernel->side, 1);
      EXPECT_EQ(found.kernel->weights[0], 2);
    }
  }
  std::string five = "CNV=[";
  for (int i = 0; i < 25; ++i) five += std::to_string(i) + (i < 24 ? "," : "]");
  for (const Processing& found : asked(five)) {
    ASSERT_TRUE(found.kernel);
    EXPECT_EQ(found.kernel->side, 5);
    EXPECT_EQ(found.kernel->weights[24], 24);
  }
  // What is no kernel leaves an earlier one alone.
  for (const char* value : {"unknown", "nan", "1,2", "[1,2,3,4]", "1,2,3,4,5,6,7,8,9,10"}) {
    for (const Processing& found : asked("CNV=sobel&CNV=" + std::string(value))) {
      ASSERT_TRUE(found.kernel) << value;
      EXPECT_EQ(found.kernel->weights[3], -2) << value;
    }
    for (const Processing& found : asked("CNV=" + std::string(value))) {
      EXPECT_FALSE(found.kernel) << value;
    }
  }
  for (const char* value : {"1,2,3,4,nan,6,7,8,9", "[x]", "[]", "1,2,3,4,,6,7,8,9", "%00"}) {
    expect_refused("CNV=" + std::string(value));
  }
}

TEST(Processing, OrderAndPlaceDoNotMatter) {
  const std::vector<std::string> commands = {"MINMAX=0:1,2", "CNT=2", "SHD=30,40", "CTW=[1]",
                                             "GAM=3",        "INV",   "CMP=jet",   "CNV=sobel"};
  std::string forwards;
  std::string backwards;
  for (const std::string& command : commands) {
    forwards += "&" + command;
    backwards = "&" + command + backwards;
  }
  const auto digest = [](const Result<Parsed>& parsed) {
    Hasher hasher;
    const ImageRequest* request = image_request(parsed);
    EXPECT_NE(request, nullptr) << why(parsed);
    if (request != nullptr) request->processing.add_to(hasher);
    return hasher.digest();
  };
  const Digest wanted = digest(parse_query("FIF=a" + forwards + "&JTL=0,0"));
  EXPECT_EQ(digest(parse_query("FIF=a" + backwards + "&JTL=0,0")), wanted);
  EXPECT_EQ(digest(parse_query(backwards.substr(1) + "&FIF=a&CVT=png")), wanted);
  EXPECT_EQ(digest(parse_extended(backwards)), wanted);
  // Behind the output they come too late.
  EXPECT_TRUE(image_request(parse_query("FIF=a&JTL=0,0" + forwards))->processing.is_neutral());
}

TEST(Processing, TextAndValuesAreTheSameWithAndWithout) {
  for (const char* output : {"OBJ=max-size", "TIL=0,0", "SPECTRA=0,0,1,1", "PFL=0:1,1"}) {
    EXPECT_TRUE(parse_query("FIF=a&CNT=2&INV&CMP=jet&" + std::string(output))) << output;
  }
}

}  // namespace
}  // namespace iip

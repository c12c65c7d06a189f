#include <gtest/gtest.h>

#include <limits>
#include <memory_resource>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/describe/describe.h"
#include "pyramids.h"

namespace iip {
namespace {

class Objects : public ::testing::Test {
 protected:
  static IipObjects objects(const std::vector<std::string>& names) {
    IipObjects request;
    for (const std::string& name : names) {
      request.objects.push_back({std::pmr::string(name), false});
    }
    return request;
  }
  Result<IipAnswer> answer(const IipObjects& request) {
    return iip_objects_text(request, info, angles, settings, std::pmr::get_default_resource());
  }
  std::string text(const std::vector<std::string>& names) {
    const auto result = answer(objects(names));
    EXPECT_TRUE(result.has_value()) << result.error().wire_body;
    return result ? std::string(result->text) : std::string();
  }
  std::string_view type(const std::vector<std::string>& names) {
    return answer(objects(names))->type;
  }
  Error refusal(const std::vector<std::string>& names) {
    const auto result = answer(objects(names));
    EXPECT_FALSE(result.has_value());
    return result ? Error{} : result.error();
  }

  Settings settings;
  SequenceAngles angles;
  ImageInfo info = test::pyramid({600, 400}, {128, 128}, test::Halving::down);
};

TEST_F(Objects, StructureOfTheImage) {
  EXPECT_EQ(text({"max-size"}), "Max-size:600 400\r\n");
  EXPECT_EQ(text({"resolution-number"}), "Resolution-number:4\r\n");
  EXPECT_EQ(text({"tile-size"}), "Tile-size:128 128\r\n");
  EXPECT_EQ(text({"bits-per-channel"}), "Bits-per-channel:8\r\n");
  EXPECT_EQ(text({"resolutions"}), "Resolutions:75 50,150 100,300 200,600 400\r\n");
  EXPECT_EQ(text({"horizontal-views"}), "Horizontal-views:0\r\n");
  EXPECT_EQ(text({"vertical-views"}), "Vertical-views:90\r\n");
  EXPECT_EQ(text({"iip-server"}), "IIP-server:3.65\r\n");
  EXPECT_EQ(text({"iip-opt-obj"}),
            "IIP-opt-obj:Horizontal-views Vertical-views Tile-size Bits-per-channel "
            "Min-Max-sample-values Resolutions\r\n");
  EXPECT_EQ(text({"iip-opt-comm"}),
            "IIP-opt-comm:CVT CNT QLT JTL JTLS WID HEI RGN MINMAX SHD CMP INV CTW GAM CNV COL ROT "
            "SDS LYR BIT PTL WTL ATL TTL TIL SPECTRA PFL\r\n");
  EXPECT_EQ(type({"max-size"}), "application/vnd.netfpx");
}

TEST_F(Objects, TheProtocolLineComesFirst) {
  EXPECT_EQ(text({"max-size", "iip"}), "IIP:1.0\r\nMax-size:600 400\r\n");
  EXPECT_EQ(text({"iip", "max-size", "tile-size", "resolution-number", "resolutions"}),
            "IIP:1.0\r\nMax-size:600 400\r\nTile-size:128 128\r\nResolution-number:4\r\n"
            "Resolutions:75 50,150 100,300 200,600 400\r\n");
  EXPECT_EQ(text({"iip"}), "IIP:1.0\r\n");
}

TEST_F(Objects, AnObjectIsAnsweredOnce) {
  EXPECT_EQ(text({"max-size", "tile-size", "max-size", "tile-size", "max-size"}),
            "Max-size:600 400\r\nTile-size:128 128\r\n");
}

TEST_F(Objects, AnAnswerHasAnEnd) {
  info.metadata.description = std::string(std::size_t{3} << 20U, '\x01');
  EXPECT_TRUE(answer(objects({"metadata"})));
  EXPECT_EQ(refusal({"metadata", "title"}).kind, ErrorKind::too_large);
}

TEST_F(Objects, ColourSpace) {
  EXPECT_EQ(text({"colorspace"}), "Colorspace,0-3,0:0 0 3 3 0 1 2\r\n");
  EXPECT_EQ(text({"calibrated-colorspace"}), "Colorspace,0-3,0:0 0 3 3 0 1 2\r\n");
  info.format.model = ColourModel::grey;
  EXPECT_EQ(text({"colorspace"}), "Colorspace,0-3,0:0 0 1 1 0\r\n");
  info.format.extra = 5;
  EXPECT_EQ(text({"colorspace"}), "Colorspace,0-3,0:0 0 3 3 0 1 2\r\n") << "six bands";
  info.format.extra = 0;
  info.format.model = ColourModel::lab;
  EXPECT_EQ(text({"colorspace"}), "Colorspace,0-3,0:1 0 4 3 0 1 2\r\n");
  info.format.model = ColourModel::cmyk;
  EXPECT_EQ(text({"colorspace"}), "Colorspace,0-3,0:0 0 3 3 0 1 2\r\n");
}

TEST_F(Objects, BitsOfTheFile) {
  for (const int bits : {1, 12, 16, 32}) {
    info.stored_bits = bits;
    EXPECT_EQ(text({"bits-per-channel"}), "Bits-per-channel:" + std::to_string(bits) + "\r\n");
  }
}

TEST_F(Objects, ViewsOfASequence) {
  const std::vector<std::int64_t> across = {0, 10, 20, 1000};
  const std::vector<std::int64_t> up = {60, 90};
  angles = {across, up};
  EXPECT_EQ(text({"horizontal-views"}), "Horizontal-views:0 10 20 1000\r\n");
  EXPECT_EQ(text({"vertical-views"}), "Vertical-views:60 90\r\n");
  EXPECT_TRUE(asks_for_views(objects({"max-size", "vertical-views"})));
  EXPECT_FALSE(asks_for_views(objects({"max-size"})));
}

TEST_F(Objects, PagesOfAStack) {
  EXPECT_EQ(refusal({"stack"}).wire_body, "Error/9:2 1 stack\r\n");
  info.pages = {{"Red", 1}, {"a \"b\"\n\\", 0.25}, {"", 100000}};
  EXPECT_EQ(text({"stack"}),
            "[ \n\t{\n\t\t\"id\": 0,\n\t\t\"name\": \"Red\",\n\t\t\"scale\": 1\n\t},"
            "\n\t{\n\t\t\"id\": 1,\n\t\t\"name\": \"a \\\"b\\\"\\n\\\\\","
            "\n\t\t\"scale\": 0.25\n\t},"
            "\n\t{\n\t\t\"id\": 2,\n\t\t\"name\": \"\",\n\t\t\"scale\": 1e+05\n\t}\n]\r\n");
  EXPECT_EQ(type({"stack"}), "application/json");
  EXPECT_EQ(text({"horizontal-views"}), "Horizontal-views:0 1 2\r\n");
  EXPECT_EQ(text({"vertical-views"}), "Vertical-views:90\r\n");
  info.page = 1;
  EXPECT_EQ(text({"scale"}), "0.25\r\n");
  info.pages = {{"\xff\xfe\x01", std::numeric_limits<double>::quiet_NaN()}};
  const auto parsed = nlohmann::json::parse(text({"stack"}));
  EXPECT_EQ(parsed.size(), 1U);
  EXPECT_TRUE(parsed[0]["scale"].is_null());
}

TEST_F(Objects, BasicInfo) {
  EXPECT_EQ(text({"basic-info"}),
            "IIP-server:3.65\r\nMax-size:600 400\r\nResolution-number:4\r\n"
            "Colorspace,0-3,0:0 0 3 3 0 1 2\r\n");
}

TEST_F(Objects, MinAndMaxHaveDoubleSpaces) {
  EXPECT_EQ(text({"min-max-sample-values"}), "Min-Max-sample-values: 0  255  0  255  0  255\r\n");
  info.ranges = {{-1.5, 0.123456789123}};
  EXPECT_EQ(text({"min-max-sample-values"}), "Min-Max-sample-values: -1.5  0.123456789\r\n");
}

TEST_F(Objects, AQuarterTurnSwapsTheSides) {
  IipObjects request = objects({"max-size", "basic-info"});
  for (IipObject& object : request.objects) object.quarter_turned = true;
  EXPECT_EQ(answer(request)->text,
            "Max-size:400 600\r\nIIP-server:3.65\r\nMax-size:400 600\r\nResolution-number:4\r\n"
            "Colorspace,0-3,0:0 0 3 3 0 1 2\r\n");
}

TEST_F(Objects, UntiledImagesStateTheTilesTheyAreServedIn) {
  info = test::untiled({600, 400});
  EXPECT_EQ(text({"tile-size"}), "Tile-size:256 256\r\n");
}

TEST_F(Objects, DensityInPixelsPerMetre) {
  info.density = Density{11811.0236220472, 5905.5, Density::Unit::inch};
  EXPECT_EQ(text({"dpi"}), "DPI:11811.023622 5905.500000\r\n");
  info.density->y = 0;
  EXPECT_EQ(refusal({"dpi"}).wire_body, "Error/7:2 1 dpi\r\n");
  info.density = Density{1.7e308, 1.7e308, Density::Unit::unknown};
  EXPECT_EQ(text({"dpi"}).size(), std::string("DPI: \r\n").size() + 2 * (309 + 7));
}

TEST_F(Objects, SingleTexts) {
  info.metadata.title = "A title";
  info.metadata.description = "Two\nlines";
  EXPECT_EQ(text({"title"}), "A title\r\n");
  EXPECT_EQ(type({"title"}), "text/plain");
  EXPECT_EQ(text({"description", "title"}), "Two\nlines\r\nA title\r\n");
  EXPECT_EQ(text({"max-size", "creator"}), "Max-size:600 400\r\n");
  info.metadata.xmp = "<x:xmpmeta/>";
  EXPECT_EQ(text({"xmp"}), "<x:xmpmeta/>\r\n");
  EXPECT_EQ(type({"title", "xmp"}), "application/xml");
  EXPECT_EQ(type({"xmp", "title"}), "text/plain");
}

TEST_F(Objects, RightsFallBackToTheServers) {
  settings.copyright = "The museum";
  EXPECT_EQ(text({"rights"}), "The museum\r\n");
  info.metadata.rights = "The painter";
  EXPECT_EQ(text({"rights"}), "The painter\r\n");
}

TEST_F(Objects, SummaryInfo) {
  info.metadata.rights = "r";
  info.metadata.creator = "c";
  info.metadata.software = "s";
  info.metadata.title = "not in it";
  EXPECT_EQ(text({"summary-info"}), "r\r\nc\r\ns\r\n");
  EXPECT_EQ(type({"summary-info"}), "text/plain");
}

TEST_F(Objects, MetadataIsJson) {
  EXPECT_EQ(text({"metadata"}), "{\n}\r\n");
  EXPECT_EQ(type({"metadata"}), "application/json");
  info.metadata.title = "T";
  info.metadata.creator = "C";
  EXPECT_EQ(text({"metadata"}), "{\n\t\"creator\": \"C\",\n\t\"title\": \"T\"\n}\r\n");
  info.metadata.xmp = "<not/>";
  info.metadata.description = "\"}\r\n\xff\x01";
  const auto parsed = nlohmann::json::parse(text({"metadata"}));
  EXPECT_EQ(parsed["description"].get<std::string>().substr(0, 4), "\"}\r\n");
  EXPECT_EQ(parsed.size(), 3U);
}

TEST_F(Objects, OneUnknownObjectTakesThePlaceOfAllAnswers) {
  const Error error = refusal({"max-size", "no-such", "tile-size", "comp-group"});
  EXPECT_EQ(error.kind, ErrorKind::malformed);
  EXPECT_EQ(error.wire_body, "Error/11:3 2 no-such\r\nError/14:3 2 comp-group\r\n");
  EXPECT_EQ(error.message.find("no-such"), std::string::npos);
}

TEST_F(Objects, NothingToSayIsAnError) {
  for (const char* name : {"stack", "subject", "keywords", "comment", "last-author", "rev-number",
                           "edit-time", "last-printed", "last-save-dtm", "scale", "title", "xmp"}) {
    const Error error = refusal({name});
    EXPECT_EQ(error.kind, ErrorKind::malformed);
    const std::string value = "2 1 " + std::string(name);
    EXPECT_EQ(error.wire_body, "Error/" + std::to_string(value.size()) + ":" + value + "\r\n");
  }
}

}  // namespace
}  // namespace iip

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory_resource>
#include <nlohmann/json.hpp>

#include "engine/describe/describe.h"
#include "pyramids.h"

namespace iip {
namespace {

using Json = nlohmann::json;
using test::Halving;
using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr std::string_view kId = "https://example.org/iiif/a%2Fb.tif";

class InfoJson : public ::testing::Test {
 protected:
  std::string text(int version) {
    const IiifInfo request{version, true, false};
    return std::string(
        iiif_info_json(request, info, settings, kId, std::pmr::get_default_resource()));
  }
  // Strict: fails on anything that is not JSON in UTF-8.
  Json parsed(int version) { return Json::parse(text(version)); }

  std::vector<std::int64_t> factors() {
    return parsed(3)["tiles"][0]["scaleFactors"].get<std::vector<std::int64_t>>();
  }
  std::vector<std::int64_t> widths() {
    std::vector<std::int64_t> list;
    const Json document = parsed(3);
    if (!document.contains("sizes")) return list;
    for (const Json& size : document["sizes"]) list.push_back(size["width"]);
    return list;
  }

  Settings settings;
  ImageInfo info = test::pyramid({1000, 701}, {256, 256}, Halving::down);
};

TEST_F(InfoJson, Version3InFull) {
  EXPECT_EQ(text(3),
            R"({"@context":"http://iiif.io/api/image/3/context.json",)"
            R"("protocol":"http://iiif.io/api/image","width":1000,"height":701,)"
            R"("sizes":[{"width":250,"height":176},{"width":500,"height":350},)"
            R"({"width":1000,"height":701}],)"
            R"("tiles":[{"width":256,"height":256,"scaleFactors":[1,2,4]}],)"
            R"("id":"https://example.org/iiif/a%2Fb.tif","type":"ImageService3",)"
            R"("profile":"level2","maxWidth":5000,"maxHeight":5000,"preferredFormats":["jpg"],)"
            R"("extraFormats":["tif","webp","avif"],)"
            R"("extraQualities":["color","gray","bitonal"],)"
            R"("extraFeatures":["canonicalLinkHeader","mirroring","profileLinkHeader",)"
            R"("rotationArbitrary","sizeUpscaling"]})");
}

TEST_F(InfoJson, Version2InFull) {
  info.density = Density{11811.0236220472, 11811.0236220472, Density::Unit::inch};
  info.metadata.rights = "http://creativecommons.org/licenses/by/4.0/";
  const Json document = parsed(2);
  EXPECT_THAT(text(2),
              StartsWith(R"({"@context":"http://iiif.io/api/image/2/context.json",)"
                         R"("protocol":"http://iiif.io/api/image","width":1000,"height":701,)"
                         R"("sizes":[{"width":250,"height":176},{"width":500,"height":350},)"));
  EXPECT_EQ(document["@id"], kId);
  EXPECT_EQ(document["tiles"], Json::parse(R"([{"width":256,"height":256,
                                                "scaleFactors":[1,2,4]}])"));
  EXPECT_EQ(document["profile"], Json::parse(R"(["http://iiif.io/api/image/2/level2.json",
      {"formats":["jpg","png","tif","webp","avif"],"qualities":["default","color","gray","bitonal"],
       "supports":["canonicalLinkHeader","mirroring","profileLinkHeader","regionSquare",
                   "rotationArbitrary","sizeAboveFull"],"maxWidth":5000,"maxHeight":5000}])"));
  EXPECT_EQ(document["license"], "http://creativecommons.org/licenses/by/4.0/");
  EXPECT_EQ(document["service"]["@context"],
            "http://iiif.io/api/annex/services/physdim/1/context.json");
  EXPECT_EQ(document["service"]["profile"], "http://iiif.io/api/annex/services/physdim");
  EXPECT_EQ(document["service"]["physicalUnits"], "in");
  // 300 dots an inch
  EXPECT_NEAR(document["service"]["physicalScale"].get<double>(), 1.0 / 300, 1e-9);
  for (const char* name : {"id", "type", "maxWidth", "extraFeatures", "rights", "attribution"}) {
    EXPECT_FALSE(document.contains(name)) << name;
  }
}

TEST_F(InfoJson, GreyImagesDoNotOfferColour) {
  info.format.model = ColourModel::grey;
  EXPECT_EQ(parsed(3)["extraQualities"], Json::parse(R"(["gray","bitonal"])"));
  EXPECT_EQ(parsed(2)["profile"][1]["qualities"], Json::parse(R"(["default","gray","bitonal"])"));
}

TEST_F(InfoJson, BandsAreShownInColour) {
  info.format.model = ColourModel::grey;
  info.format.extra = 5;
  EXPECT_EQ(parsed(3)["extraQualities"], Json::parse(R"(["color","gray","bitonal"])"));
  info.format = {SampleType::f32, ColourModel::lab};
  EXPECT_EQ(parsed(3)["extraQualities"], Json::parse(R"(["color","gray","bitonal"])"));
}

TEST_F(InfoJson, ExtensionsAreFurtherQualities) {
  settings.iiif_extensions = true;
  EXPECT_EQ(parsed(3)["extraQualities"],
            Json::parse(R"(["color","gray","bitonal","negative","stretch","equalization","log"])"));
  EXPECT_EQ(parsed(2)["profile"][1]["qualities"],
            Json::parse(R"(["default","color","gray","bitonal","negative","stretch",
                            "equalization","log"])"));
}

TEST_F(InfoJson, UpscalingIsOfferedOnlyWhereAllowed) {
  settings.allow_upscaling = false;
  EXPECT_EQ(text(3).find("sizeUpscaling"), std::string::npos);
  EXPECT_EQ(text(2).find("sizeAboveFull"), std::string::npos);
}

TEST_F(InfoJson, AllSizesAndTilesAreWithinTheLimits) {
  EXPECT_THAT(widths(), ElementsAre(250, 500, 1000));
  settings.max_cvt = 999;
  EXPECT_THAT(widths(), ElementsAre(250, 500));
  settings.max_cvt = 200;
  EXPECT_THAT(widths(), ElementsAre());
  const Json tile = parsed(3)["tiles"][0];
  EXPECT_EQ(tile["width"], 128);
  EXPECT_EQ(tile["height"], 128);
  EXPECT_EQ(parsed(3)["maxWidth"], 200);
}

TEST_F(InfoJson, ScaleFactorsGoAsFarAsThePyramid) {
  info = test::pyramid({32768, 24576}, {256, 256}, Halving::down);
  EXPECT_THAT(factors(), ElementsAre(1, 2, 4, 8, 16, 32, 64, 128));
  // The level of 256x128 fits one tile, though 513/2 rounded up would not.
  info = test::pyramid({513, 257}, {256, 256}, Halving::down);
  EXPECT_THAT(factors(), ElementsAre(1, 2));
  EXPECT_THAT(widths(), ElementsAre(256, 513));
  info = test::pyramid({513, 257}, {256, 256}, Halving::up);
  EXPECT_THAT(factors(), ElementsAre(1, 2, 4));
  EXPECT_THAT(widths(), ElementsAre(129, 257, 513));
  info = test::pyramid({1, 1}, {256, 256}, Halving::up);
  EXPECT_THAT(factors(), ElementsAre(1));
  // Levels below one tile.
  info = test::pyramid({1000, 701}, {64, 64}, Halving::up);
  info.levels[0].tile = {256, 256};
  EXPECT_THAT(factors(), ElementsAre(1, 2, 4, 8, 16));
}

TEST_F(InfoJson, ScaleFactorsOfAnImageWithFewLevelsReachOneTile) {
  info = test::untiled({1000, 701});
  EXPECT_THAT(factors(), ElementsAre(1, 2, 4));
  EXPECT_THAT(widths(), ElementsAre(1000));
  info = test::untiled({1025, 1});
  EXPECT_THAT(factors(), ElementsAre(1, 2, 4, 8));
  info = test::untiled({256, 256});
  EXPECT_THAT(factors(), ElementsAre(1));
}

TEST_F(InfoJson, TilesThatAreNotSquare) {
  info = test::pyramid({1000, 701}, {240, 112}, Halving::down);
  const Json tile = parsed(3)["tiles"][0];
  EXPECT_EQ(tile["width"], 240);
  EXPECT_EQ(tile["height"], 112);
  EXPECT_THAT(factors(), ElementsAre(1, 2, 4, 8));  // 125x87 fits
}

TEST_F(InfoJson, RightsAreUris) {
  settings.copyright = "https://rightsstatements.org/vocab/InC/1.0/";
  EXPECT_EQ(parsed(3)["rights"], settings.copyright);
  EXPECT_EQ(parsed(2)["license"], settings.copyright);
  info.metadata.rights = "(c) A. Nonymous";
  EXPECT_FALSE(parsed(3).contains("rights"));
  EXPECT_FALSE(parsed(2).contains("license"));
  EXPECT_EQ(parsed(2)["attribution"], "(c) A. Nonymous");
  info.metadata.rights = "http://example.org/ not a URI";
  EXPECT_FALSE(parsed(3).contains("rights"));
}

TEST_F(InfoJson, HostileTextGivesValidJson) {
  info.metadata.rights = "\",\"x\":1}\xff\xfe\x80\xc3(\xed\xa0\x80\n\t\x01\\";
  EXPECT_EQ(parsed(2)["attribution"].get<std::string>().substr(0, 8), "\",\"x\":1}");
  EXPECT_FALSE(parsed(2).contains("x"));
  parsed(3);
}

TEST_F(InfoJson, ExtraMembersAreMerged) {
  settings.iiif_extra_info = R"("partOf":[{"id":"x"}], "rights":"https://example.org/r")";
  EXPECT_EQ(parsed(3)["partOf"], Json::parse(R"([{"id":"x"}])"));
  EXPECT_EQ(parsed(3)["rights"], "https://example.org/r");
  settings.iiif_extra_info = R"( {"seeAlso": [], "width": 7, "id": "elsewhere"} )";
  EXPECT_EQ(parsed(3)["seeAlso"], Json::array());
  EXPECT_EQ(parsed(3)["width"], 1000);
  EXPECT_EQ(parsed(3)["id"], kId);
  settings.iiif_extra_info = R"("broken": )";
  const std::string broken = text(3);
  settings.iiif_extra_info = "";
  EXPECT_EQ(broken, text(3));
}

TEST_F(InfoJson, PhysicalDimensionsNeedAUnit) {
  EXPECT_FALSE(parsed(2).contains("service"));
  info.density = Density{100, 100, Density::Unit::unknown};
  EXPECT_FALSE(parsed(2).contains("service"));
  info.density = Density{0, 0, Density::Unit::inch};
  EXPECT_FALSE(parsed(2).contains("service"));
  info.density = Density{10000, 10000, Density::Unit::centimetre};
  EXPECT_DOUBLE_EQ(parsed(2)["service"]["physicalScale"], 0.01);
  EXPECT_EQ(parsed(2)["service"]["physicalUnits"], "cm");
  EXPECT_FALSE(parsed(3).contains("service"));
}

TEST(InfoType, FollowsTheNegotiation) {
  EXPECT_EQ(iiif_info_type({3, true, true}),
            "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"");
  EXPECT_EQ(iiif_info_type({2, true, true}),
            "application/ld+json;profile=\"http://iiif.io/api/image/2/context.json\"");
  EXPECT_EQ(iiif_info_type({2, true, false}), "application/ld+json");
  EXPECT_EQ(iiif_info_type({3, false, false}), "application/json");
}

}  // namespace
}  // namespace iip

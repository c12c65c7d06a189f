// Document mode: what may follow the name of an image file.
#include <string>

#include "parsing.h"

namespace iip {
namespace {

TEST(Document, Paths) {
  const auto info = parse_in_document("/info.json", "");
  ASSERT_TRUE(info);
  EXPECT_NE(info_request<IiifInfo>(*info), nullptr) << why(*info);
  EXPECT_TRUE((*info)->varies_on_accept);
  EXPECT_TRUE((*info)->image.empty());
  EXPECT_TRUE((*info)->identifier.empty());

  EXPECT_NE(info_request<IiifBase>(*parse_in_document("/", "")), nullptr);
  EXPECT_NE(region_of<WholeImage>(*parse_in_document("/full/max/0/default.jpg", "")), nullptr);
  EXPECT_NE(region_of<PixelRegion>(*parse_in_document("/0,0,9,9/5,/!90/gray.png", "v=1")), nullptr);
  for (const char* name : {"/map", "/x", "/", "/map%20of%20x"}) {
    const auto dzi = parse_in_document(std::string(name) + ".dzi", "");
    EXPECT_NE(info_request<DeepZoomDescriptor>(*dzi), nullptr) << name;
    EXPECT_TRUE((*dzi)->image.empty());
    const auto tile = parse_in_document(std::string(name) + "_files/3/1_2.jpg", "");
    ASSERT_NE(region_of<ComputedTile>(*tile), nullptr) << name;
    EXPECT_EQ(region_of<ComputedTile>(*tile)->column, 1u);
  }
  EXPECT_NE(info_request<ZoomifyProperties>(*parse_in_document("/ImageProperties.xml", "")),
            nullptr);
  EXPECT_NE(region_of<ComputedTile>(*parse_in_document("/TileGroup3/1-2-3.jpg", "")), nullptr);
}

TEST(Document, PathsThatBelongToNothing) {
  for (const char* path :
       {"/x", "/x/info.json", "//info.json", "/x/full/max/0/default.jpg", "/info.txt", "/a/b.dzi",
        "//b.dzi", "/a/b_files/0/0_0.jpg", "/x/ImageProperties.xml", "/x/TileGroup0/0-0-0.jpg",
        "//", "/../a", "/full", "/full/max/0"}) {
    const auto parsed = parse_in_document(path, "WID=4&CVT=jpeg");
    ASSERT_TRUE(parsed) << path;
    ASSERT_FALSE(*parsed) << path;
    EXPECT_EQ(parsed->error().kind, ErrorKind::not_found) << path;
  }
}

TEST(Document, MistakesInAPath) {
  for (const char* path : {"/full/full/0/default.jpg", "/0,0,0,0/max/0/default.jpg",
                           "/x_files/a/0_0.jpg", "/TileGroup0/0-0.jpg"}) {
    const auto parsed = parse_in_document(path, "");
    ASSERT_TRUE(parsed && !*parsed) << path;
    EXPECT_EQ(parsed->error().kind, ErrorKind::malformed) << path;
  }
}

TEST(Document, Query) {
  const auto parsed = parse_in_document("", "WID=400&CVT=jpeg");
  ASSERT_TRUE(parsed);
  const ImageRequest* request = image_request(*parsed);
  ASSERT_NE(request, nullptr) << why(*parsed);
  EXPECT_EQ(request->size.width, 400u);
  EXPECT_TRUE((*parsed)->image.empty());
  EXPECT_EQ((*parsed)->protocol, Protocol::iip);
  EXPECT_NE(info_request<IipObjects>(*parse_in_document("", "obj=max-size")), nullptr);
}

TEST(Document, QueryWithAMistake) {
  for (const char* query :
       {"FIF=b.tif&CVT=jpeg", "CVT=jpeg&FIF=b.tif", "WID=x&CVT=jpeg", "v=1&CVT=jpeg"}) {
    const auto parsed = parse_in_document("", query);
    ASSERT_TRUE(parsed && !*parsed) << query;
    EXPECT_EQ(parsed->error().kind, ErrorKind::malformed) << query;
    EXPECT_THAT(parsed->error().wire_body, testing::StartsWith("Error/"));
  }
}

TEST(Document, TheFileItself) {
  for (const char* query : {"", "v=123", "download", "WIDTH=5", "=CVT", "WID=", "WID=400", "col=5",
                            "&&", "%57ID=5", "zoomify=1", "IIIF=a/info.json"}) {
    EXPECT_FALSE(parse_in_document("", query)) << query;
  }
}

TEST(Document, OneProtocolOnly) {
  EXPECT_TRUE(*parse_in_document("/info.json", "", Protocol::iiif));
  EXPECT_EQ(parse_in_document("/map.dzi", "", Protocol::iiif)->error().kind, ErrorKind::not_found);
  EXPECT_EQ(parse_in_document("/info.json", "", Protocol::iip)->error().kind, ErrorKind::not_found);
  EXPECT_FALSE(parse_in_document("", "WID=4&CVT=jpeg", Protocol::zoomify));
  EXPECT_TRUE(*parse_in_document("", "WID=4&CVT=jpeg", Protocol::iip));
}

}  // namespace
}  // namespace iip

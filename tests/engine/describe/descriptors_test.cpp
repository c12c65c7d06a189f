#include <gtest/gtest.h>

#include <memory_resource>

#include "engine/describe/describe.h"
#include "pyramids.h"

namespace iip {
namespace {

using test::Halving;

std::string deepzoom(const ImageInfo& info, Format format = Format::jpeg) {
  return std::string(deepzoom_descriptor({format}, info, std::pmr::get_default_resource()));
}

std::string zoomify(const ImageInfo& info) {
  return std::string(zoomify_properties(info, std::pmr::get_default_resource()));
}

TEST(DeepZoomDescriptor, ToTheByte) {
  EXPECT_EQ(deepzoom(test::pyramid({1000, 701}, {512, 512}, Halving::down)),
            "<Image xmlns=\"http://schemas.microsoft.com/deepzoom/2008\" TileSize=\"512\" "
            "Overlap=\"0\" Format=\"jpg\"><Size Width=\"1000\" Height=\"701\"/></Image>");
  EXPECT_EQ(deepzoom(test::pyramid({1, 5000}, {240, 112}, Halving::up), Format::png),
            "<Image xmlns=\"http://schemas.microsoft.com/deepzoom/2008\" TileSize=\"256\" "
            "Overlap=\"0\" Format=\"png\"><Size Width=\"1\" Height=\"5000\"/></Image>");
}

TEST(ZoomifyProperties, ToTheByte) {
  // 600x400, 300x200, 150x100 and 75x50: 20 + 6 + 2 + 1 tiles.
  EXPECT_EQ(zoomify(test::pyramid({600, 400}, {128, 128}, Halving::down)),
            "<IMAGE_PROPERTIES WIDTH=\"600\" HEIGHT=\"400\" NUMTILES=\"29\" NUMIMAGES=\"1\" "
            "VERSION=\"1.8\" TILESIZE=\"128\"/>");
}

TEST(ZoomifyProperties, CountsALevelOfExactlyOneTileOnce) {
  // 512x512 and 256x256: 4 + 1 tiles.
  EXPECT_EQ(zoomify(test::pyramid({512, 512}, {256, 256}, Halving::down)),
            "<IMAGE_PROPERTIES WIDTH=\"512\" HEIGHT=\"512\" NUMTILES=\"5\" NUMIMAGES=\"1\" "
            "VERSION=\"1.8\" TILESIZE=\"256\"/>");
}

TEST(ZoomifyProperties, HalvesByFloorWhateverThePyramidDoes) {
  // 513x257 and 256x128: 6 + 1 tiles, though the file has a third level.
  EXPECT_EQ(zoomify(test::pyramid({513, 257}, {256, 256}, Halving::up)),
            "<IMAGE_PROPERTIES WIDTH=\"513\" HEIGHT=\"257\" NUMTILES=\"7\" NUMIMAGES=\"1\" "
            "VERSION=\"1.8\" TILESIZE=\"256\"/>");
}

}  // namespace
}  // namespace iip

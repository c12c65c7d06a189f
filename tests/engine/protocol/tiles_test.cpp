// DeepZoom and Zoomify.
#include <string>

#include "parsing.h"

namespace iip {
namespace {

using Pyramid = ComputedTile::Pyramid;

TEST(DeepZoom, Descriptor) {
  struct Case {
    const char* path;
    const char* image;
  };
  for (const Case& expected : {Case{"img.tif.dzi", "img.tif"},
                               {"img.dzi", "img"},
                               {"img.tif.xml", "img.tif"},
                               {"dir/sub%20dir/img.tif.dzi", "dir/sub dir/img.tif"},
                               {"dir%252Fimg.dzi", "dir%2Fimg"},
                               {"a+b.dzi", "a+b"},
                               {"holiday_files/2020/img.tif.dzi", "holiday_files/2020/img.tif"}}) {
    for (const Protocol protocol : {Protocol::deepzoom, Protocol::automatic}) {
      const auto parsed = parse_path(expected.path, protocol);
      const auto* descriptor = info_request<DeepZoomDescriptor>(parsed);
      ASSERT_NE(descriptor, nullptr) << expected.path << ": " << why(parsed);
      EXPECT_EQ(parsed->image, expected.image);
      EXPECT_EQ(descriptor->format, Format::jpeg);
      EXPECT_FALSE(parsed->varies_on_accept);
    }
  }
}

TEST(DeepZoom, Tile) {
  struct Case {
    const char* path;
    const char* image;
    std::uint64_t level, column, row;
    Format format;
  };
  for (const Case& expected : {Case{"img.tif_files/12/3_4.jpg", "img.tif", 12, 3, 4, Format::jpeg},
                               {"img_files/0/0_0.jpeg", "img", 0, 0, 0, Format::jpeg},
                               {"dir/img_files/1/2_3.png", "dir/img", 1, 2, 3, Format::png},
                               {"full/img_files/90/0_0.jpg", "full/img", 90, 0, 0, Format::jpeg},
                               {"a_files/1_files/7/1_1.jpg", "a_files/1", 7, 1, 1, Format::jpeg},
                               {"img_files/18446744073709551615/18446744073709551615_0.jpg", "img",
                                18446744073709551615u, 18446744073709551615u, 0, Format::jpeg}}) {
    for (const Protocol protocol : {Protocol::deepzoom, Protocol::automatic}) {
      const auto parsed = parse_path(expected.path, protocol);
      const auto* tile = region_of<ComputedTile>(parsed);
      ASSERT_NE(tile, nullptr) << expected.path << ": " << why(parsed);
      EXPECT_EQ(parsed->protocol, Protocol::deepzoom);
      EXPECT_EQ(parsed->image, expected.image);
      EXPECT_EQ(tile->pyramid, Pyramid::ceil_to_one_pixel);
      EXPECT_EQ(tile->level, expected.level);
      EXPECT_EQ(tile->column, expected.column);
      EXPECT_EQ(tile->row, expected.row);
      EXPECT_EQ(image_request(parsed)->format, expected.format);
      EXPECT_EQ(image_request(parsed)->iiif_version, 0);
    }
  }
}

TEST(DeepZoom, Malformed) {
  for (const char* path : {"img",
                           "img.dzi/",
                           ".dzi",
                           "_files/0/0_0.jpg",
                           "img_files/0/0_0.gif",
                           "img_files/0/0_0",
                           "img_files/0/0_0.",
                           "img_files/0/0.jpg",
                           "img_files/0/0_0_0.jpg",
                           "img_files/0/_0.jpg",
                           "img_files/0/0_.jpg",
                           "img_files/-1/0_0.jpg",
                           "img_files/0/-1_0.jpg",
                           "img_files/+1/0_0.jpg",
                           "img_files/1.0/0_0.jpg",
                           "img_files/0x1/0_0.jpg",
                           "img_files/1e1/0_0.jpg",
                           "img_files//0_0.jpg",
                           "img_files/0/0_0.jpg/",
                           "img_files/0/0_0.jpg.jpg",
                           "img_files/0/0-0.jpg",
                           "img_files/18446744073709551616/0_0.jpg",
                           "img_files/0/ 0_0.jpg",
                           "img_file/0/0_0.jpg",
                           "img%00.dzi",
                           "img%.dzi",
                           "img.DZI"}) {
    const auto parsed = parse_path(path, Protocol::deepzoom);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << path;
  }
}

TEST(Zoomify, Properties) {
  for (const Protocol protocol : {Protocol::zoomify, Protocol::automatic}) {
    const auto parsed = parse_path("dir/a%2Fb.tif/ImageProperties.xml", protocol);
    ASSERT_NE(info_request<ZoomifyProperties>(parsed), nullptr) << why(parsed);
    EXPECT_EQ(parsed->protocol, Protocol::zoomify);
    EXPECT_EQ(parsed->image, "dir/a/b.tif");
    EXPECT_EQ(parsed->identifier, "dir/a%2Fb.tif");
    EXPECT_FALSE(parsed->varies_on_accept);
  }
  EXPECT_EQ(parse_path("TileGroup1/ImageProperties.xml")->image, "TileGroup1");
}

TEST(Zoomify, Tile) {
  for (const char* group : {"TileGroup0", "TileGroup17", "TileGroup18446744073709551615"}) {
    for (const Protocol protocol : {Protocol::zoomify, Protocol::automatic}) {
      const auto parsed = parse_path("img.tif/" + std::string(group) + "/5-6-7.jpg", protocol);
      const auto* tile = region_of<ComputedTile>(parsed);
      ASSERT_NE(tile, nullptr) << why(parsed);
      EXPECT_EQ(parsed->image, "img.tif");
      EXPECT_EQ(tile->pyramid, Pyramid::floor_to_one_tile);
      EXPECT_EQ(tile->level, 5u);
      EXPECT_EQ(tile->column, 6u);
      EXPECT_EQ(tile->row, 7u);
      EXPECT_EQ(image_request(parsed)->format, Format::jpeg);
    }
  }
  EXPECT_EQ(image_request(parse_path("a/TileGroup0/0-0-0.png"))->format, Format::png);
}

TEST(Zoomify, Malformed) {
  for (const char* path : {"img",
                           "img/",
                           "ImageProperties.xml",
                           "/ImageProperties.xml",
                           "TileGroup0/0-0-0.jpg",
                           "img/TileGroup/0-0-0.jpg",
                           "img/TileGroupX/0-0-0.jpg",
                           "img/TileGroup-1/0-0-0.jpg",
                           "img/TileGroup0/0-0.jpg",
                           "img/TileGroup0/0-0-0-0.jpg",
                           "img/TileGroup0/0-0-0.gif",
                           "img/TileGroup0/0-0-0",
                           "img/TileGroup0/--0.jpg",
                           "img/TileGroup0/-1-0-0.jpg",
                           "img/TileGroup0/0_0_0.jpg",
                           "img/TileGroup0/1e1-0-0.jpg",
                           "img/TileGroup0/nan-0-0.jpg",
                           "img/TileGroup0/18446744073709551616-0-0.jpg",
                           "img/imageproperties.xml",
                           "%00/ImageProperties.xml",
                           "img/TileGroup0/0-0-0.jpg/"}) {
    const auto parsed = parse_path(path, Protocol::zoomify);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << path;
  }
}

}  // namespace
}  // namespace iip

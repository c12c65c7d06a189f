#include <gtest/gtest.h>

#include <memory_resource>

#include "engine/describe/describe.h"
#include "pyramids.h"

namespace iip {
namespace {

class Links : public ::testing::Test {
 protected:
  // The path of the canonical URI behind the identifier.
  std::string canonical(const Delivery& delivery) {
    const std::string links(iiif_image_links(delivery, request, info, "http://h/i/x%20y",
                                             std::pmr::get_default_resource()));
    const std::string version = request.iiif_version == 2 ? "2" : "3";
    const std::string head = "<http://iiif.io/api/image/" + version +
                             "/level2.json>;rel=\"profile\", <http://h/i/x%20y/";
    const std::string tail = ">;rel=\"canonical\"";
    EXPECT_EQ(links.substr(0, head.size()), head);
    EXPECT_EQ(links.substr(links.size() - tail.size()), tail);
    return links.substr(head.size(), links.size() - head.size() - tail.size());
  }
  static Delivery delivery(const Rect& region, const Size& scaled) {
    Delivery result;
    result.region = region;
    result.scaled = scaled;
    return result;
  }

  ImageRequest request = [] {
    ImageRequest image;
    image.iiif_version = 3;
    return image;
  }();
  ImageInfo info = test::pyramid({1000, 701}, {256, 256}, test::Halving::down);
};

TEST_F(Links, Regions) {
  EXPECT_EQ(canonical(delivery({0, 0, 1000, 701}, {10, 7})), "full/10,7/0/default.jpg");
  EXPECT_EQ(canonical(delivery({0, 0, 1000, 700}, {10, 7})), "0,0,1000,700/10,7/0/default.jpg");
  EXPECT_EQ(canonical(delivery({1, 2, 3, 4}, {3, 4})), "1,2,3,4/3,4/0/default.jpg");
}

TEST_F(Links, SizesOfVersion3) {
  Delivery part = delivery({1, 2, 30, 40}, {30, 40});
  part.is_max_size = part.keeps_aspect = true;
  EXPECT_EQ(canonical(part), "1,2,30,40/max/0/default.jpg");
  part.enlarges = true;
  part.scaled = {300, 400};
  EXPECT_EQ(canonical(part), "1,2,30,40/^max/0/default.jpg");
  part.is_max_size = false;
  EXPECT_EQ(canonical(part), "1,2,30,40/^300,400/0/default.jpg");
  part.enlarges = false;
  part.scaled = {15, 20};
  EXPECT_EQ(canonical(part), "1,2,30,40/15,20/0/default.jpg");
}

TEST_F(Links, SizesOfVersion2) {
  request.iiif_version = 2;
  Delivery part = delivery({1, 2, 30, 40}, {30, 40});
  part.is_max_size = part.keeps_aspect = true;
  EXPECT_EQ(canonical(part), "1,2,30,40/full/0/default.jpg");
  part.scaled = {15, 20};
  EXPECT_EQ(canonical(part), "1,2,30,40/15,/0/default.jpg");
  part.keeps_aspect = false;
  part.scaled = {15, 21};
  EXPECT_EQ(canonical(part), "1,2,30,40/15,21/0/default.jpg");
}

TEST_F(Links, RotationQualityAndFormat) {
  const Delivery whole = delivery({0, 0, 1000, 701}, {10, 7});
  request.rotation = 90;
  request.mirror = true;
  request.colouring = Colouring::grey;
  request.format = Format::png;
  EXPECT_EQ(canonical(whole), "full/10,7/!90/gray.png");
  request.mirror = false;
  request.rotation = 22.5;
  request.colouring = Colouring::bitonal;
  EXPECT_EQ(canonical(whole), "full/10,7/22.5/bitonal.png");
  request.rotation = 0.25;
  EXPECT_EQ(canonical(whole), "full/10,7/0.25/bitonal.png");
  request.iiif_version = 2;
  EXPECT_EQ(canonical(whole), "full/10,7/.25/bitonal.png");
  request.rotation = 1e-7;
  EXPECT_EQ(canonical(whole), "full/10,7/.0000001/bitonal.png");
}

TEST_F(Links, GreyOfAGreyImageIsItsDefault) {
  info.format.model = ColourModel::grey;
  request.colouring = Colouring::grey;
  EXPECT_EQ(canonical(delivery({0, 0, 1000, 701}, {10, 7})), "full/10,7/0/default.jpg");
}

TEST_F(Links, QualitiesOfTheExtensions) {
  const Delivery whole = delivery({0, 0, 1000, 701}, {10, 7});
  const auto quality = [&](auto change) {
    request.processing = {};
    change(request.processing);
    return canonical(whole);
  };
  EXPECT_EQ(quality([](Processing& p) { p.invert = true; }), "full/10,7/0/negative.jpg");
  EXPECT_EQ(quality([](Processing& p) { p.logarithm = true; }), "full/10,7/0/log.jpg");
  EXPECT_EQ(quality([](Processing& p) { p.spread = Spread::stretch; }), "full/10,7/0/stretch.jpg");
  EXPECT_EQ(quality([](Processing& p) { p.spread = Spread::equalise; }),
            "full/10,7/0/equalization.jpg");
}

TEST_F(Links, WhatTheQueryAsksForHasNoCanonicalUri) {
  const Delivery whole = delivery({0, 0, 1000, 701}, {10, 7});
  const auto has_one = [&](auto change) {
    request = ImageRequest{};
    request.iiif_version = 3;
    change(request);
    const std::string links(
        iiif_image_links(whole, request, info, "http://h/x", std::pmr::get_default_resource()));
    EXPECT_NE(links.find("rel=\"profile\""), std::string::npos);
    return links.find("canonical") != std::string::npos;
  };
  EXPECT_TRUE(has_one([](ImageRequest&) {}));
  EXPECT_FALSE(has_one([](ImageRequest& r) { r.processing.contrast = 2; }));
  EXPECT_FALSE(has_one([](ImageRequest& r) { r.processing.map = ColourMap::jet; }));
  EXPECT_FALSE(has_one([](ImageRequest& r) { r.bits = 16; }));
  EXPECT_FALSE(has_one([](ImageRequest& r) {
    r.processing.invert = true;
    r.processing.logarithm = true;
  }));
  EXPECT_FALSE(has_one([](ImageRequest& r) {
    r.processing.invert = true;
    r.colouring = Colouring::grey;
  }));
}

TEST_F(Links, AnInfoHasItsProfile) {
  const auto of = [](int version) {
    return iiif_info_links({version, true, false}, std::pmr::get_default_resource());
  };
  EXPECT_EQ(of(3), "<http://iiif.io/api/image/3/level2.json>;rel=\"profile\"");
  EXPECT_EQ(of(2), "<http://iiif.io/api/image/2/level2.json>;rel=\"profile\"");
}

}  // namespace
}  // namespace iip

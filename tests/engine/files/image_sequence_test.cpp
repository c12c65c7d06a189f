#include "engine/files/image_sequence.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/python.h"

namespace iip::test {
namespace {

using ::testing::ElementsAre;

TEST(ImageSequence, NamesHaveAnglesOfThreeDigitsAndMore) {
  EXPECT_EQ(frame_stem("vase_pyr_", {0, 90}), "vase_pyr_000_090");
  EXPECT_EQ(frame_stem("vase_pyr_", {10, 5}), "vase_pyr_010_005");
  EXPECT_EQ(frame_stem("x", {12345, 999}), "x12345_999");
  EXPECT_EQ(frame_stem("x", {-1, 90}), std::nullopt);
  EXPECT_EQ(frame_stem("x", {1'000'000'000, 90}), std::nullopt);
}

TEST(ImageSequence, ViewsAreReadBackFromNames) {
  EXPECT_EQ(view_of_frame("vase_pyr_010_090.tif", "vase_pyr_"), (View{10, 90}));
  EXPECT_EQ(view_of_frame("vase_pyr_1400_000.jp2", "vase_pyr_"), (View{1400, 0}));
  for (const char* name : {"vase_pyr_10_090.tif", "vase_pyr_010_90.tif", "vase_pyr_010.tif",
                           "vase_pyr_010_090", "vase_pyr_0010_090.tif", "jug_pyr_010_090.tif",
                           "vase_pyr_010_090x.tif", "vase_pyr_-10_090.tif", "vase_pyr_", ""}) {
    EXPECT_EQ(view_of_frame(name, "vase_pyr_"), std::nullopt) << name;
  }
}

TEST(ImageSequence, ListsTheTwoAxesOfViews) {
  const ScratchFolder folder;
  for (const char* name : {"vase_pyr_000_090.tif", "vase_pyr_020_090.tif", "vase_pyr_010_090.tif",
                           "vase_pyr_010_090.jp2", "vase_pyr_000_045.tif", "vase_pyr_030_045.tif",
                           "vases_pyr_050_090.tif", "vase_pyr_060_090"}) {
    write_file(folder.file(name), {1});
  }
  const auto list = [](const std::string& name) {
    return list_views(UniqueFd(::open(name.c_str(), O_RDONLY | O_DIRECTORY)), "vase_pyr_");
  };
  const auto views = list(folder.file(""));
  ASSERT_TRUE(views);
  EXPECT_THAT(views->horizontal, ElementsAre(0, 10, 20));
  EXPECT_THAT(views->vertical, ElementsAre(45, 90));
  EXPECT_FALSE(list(folder.file("none")));
}

}  // namespace
}  // namespace iip::test

// Names that lead out of the folder, and those that do not, by all ways of walking.
#include "engine/files/open_beneath.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>

#include "engine/files/open_beneath_walk.h"
#include "engine/files/open_calls.h"
#include "support/python.h"

namespace iip::test {
namespace {

class OpenBeneath : public ::testing::TestWithParam<BeneathWalk> {
 protected:
  void SetUp() override {
    namespace fs = std::filesystem;
    fs::create_directories(folder_.file("root/sub"));
    fs::create_directories(folder_.file("root-private"));
    write_file(folder_.file("root/image.tif"), {1});
    write_file(folder_.file("root/sub/image.tif"), {1, 2});
    write_file(folder_.file("root/\xC3\xA9 +%;[1].tif"), {1, 2, 3});
    write_file(folder_.file("root-private/secret"), {1, 2, 3, 4});
    fs::create_symlink(folder_.file("root-private/secret"), folder_.file("root/absolute"));
    fs::create_symlink("../root-private/secret", folder_.file("root/out"));
    fs::create_symlink("../root-private", folder_.file("root/folder-out"));
    fs::create_symlink("sub/image.tif", folder_.file("root/inside"));
    fs::create_symlink("sub", folder_.file("root/folder-inside"));
    fs::create_symlink("loop", folder_.file("root/loop"));
    ASSERT_EQ(::mkfifo(folder_.file("root/fifo").c_str(), 0600), 0);
  }

  // The size of the file that was opened, 0 where none was.
  std::uint64_t size_of(std::string_view name) {
    const auto file = open_beneath_by(GetParam(), folder_.file("root").c_str(), name);
    if (!file) {
      EXPECT_EQ(file.error().kind, ErrorKind::not_found) << name;
    }
    return file ? file->size() : 0;
  }

  ScratchFolder folder_;
};

TEST_P(OpenBeneath, FilesBelow) {
  EXPECT_EQ(size_of("image.tif"), 1U);
  EXPECT_EQ(size_of("sub/image.tif"), 2U);
  EXPECT_EQ(size_of("\xC3\xA9 +%;[1].tif"), 3U);
}

TEST_P(OpenBeneath, NeverOutside) {
  EXPECT_EQ(size_of("absolute"), 0U);
  EXPECT_EQ(size_of("out"), 0U);
  EXPECT_EQ(size_of("folder-out/secret"), 0U);
  EXPECT_EQ(size_of("loop"), 0U);
}

TEST_P(OpenBeneath, LinksAreFollowedByTheKernelAlone) {
  const bool follows = GetParam() == BeneathWalk::kernel;
  EXPECT_EQ(size_of("inside"), follows ? 2U : 0U);
  EXPECT_EQ(size_of("folder-inside/image.tif"), follows ? 2U : 0U);
}

TEST_P(OpenBeneath, OnlyRegularFiles) {
  EXPECT_EQ(size_of("sub"), 0U);
  EXPECT_EQ(size_of("fifo"), 0U);
  EXPECT_EQ(size_of("missing"), 0U);
  EXPECT_EQ(size_of("image.tif/below"), 0U);
}

TEST_P(OpenBeneath, FoldersToList) {
  const auto opens = [&](const char* name) {
    return open_descriptor_beneath(GetParam(), folder_.file("root").c_str(), name, kListFlags)
        .has_value();
  };
  EXPECT_TRUE(opens("sub"));
  EXPECT_EQ(opens("folder-inside"), GetParam() == BeneathWalk::kernel);
  for (const char* name : {"folder-out", "missing", "image.tif", "loop"}) {
    EXPECT_FALSE(opens(name)) << name;
  }
}

TEST(OpenFolderBeneath, TheRootItselfOrAFolderBelow) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.file("root/sub"));
  const std::string root = folder.file("root");
  EXPECT_TRUE(open_folder_beneath(root.c_str(), ""));
  EXPECT_TRUE(open_folder_beneath(root.c_str(), "sub"));
  for (const char* name : {"..", "sub/..", "/", "sub/", "."}) {
    EXPECT_FALSE(open_folder_beneath(root.c_str(), name)) << name;
  }
}

std::string name_of_walk(const ::testing::TestParamInfo<BeneathWalk>& walk) {
  constexpr std::array kNames = {"AtOnce", "Kernel", "Components"};
  return kNames[static_cast<std::size_t>(walk.param)];
}

INSTANTIATE_TEST_SUITE_P(AllWays, OpenBeneath,
                         ::testing::Values(BeneathWalk::at_once, BeneathWalk::kernel,
                                           BeneathWalk::components),
                         name_of_walk);

TEST(OpenBeneathLinks, InsideAreFollowed) {
  const ScratchFolder folder;
  write_file(folder.file("image.tif"), {1});
  std::filesystem::create_symlink("image.tif", folder.file("link"));
  const std::string root = folder.file("");
  EXPECT_TRUE(open_beneath(root.c_str(), "link"));
}

TEST(OpenBeneathLinks, TheRootMayBeOneItself) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.file("root"));
  write_file(folder.file("root/image.tif"), {1});
  std::filesystem::create_directory_symlink("root", folder.file("link"));
  for (const char* root : {"root", "root/", "link", "link/"}) {
    EXPECT_TRUE(open_beneath(folder.file(root).c_str(), "image.tif")) << root;
  }
}

TEST(ImageName, WhatNoImageIsCalled) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view name :
       {""sv, "/"sv, "/etc/passwd"sv, "a//b"sv, "a/"sv, "."sv, ".."sv, "../a"sv, "a/../b"sv,
        "a/.."sv, "./a"sv, "a/./b"sv, "a\0b"sv, "a\nb"sv, "a\x7F"sv, "..\\a"sv, "a\\b"sv}) {
    const Status status = check_image_name(name);
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().kind, ErrorKind::not_found);
  }
  EXPECT_FALSE(check_image_name(std::string(5000, 'a')));
}

TEST(ImageName, WhatImagesMayBeCalled) {
  for (const std::string_view name :
       {"a", "a.tif", "...", "..a", "a..", "a/b/c.tif", "~root", "a b", "%2e%2e", "\xC3\xA9"}) {
    EXPECT_TRUE(check_image_name(name)) << name;
  }
}

}  // namespace
}  // namespace iip::test

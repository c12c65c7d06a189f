// Files on the way that was checked, and what was put in the place of a part of it since.
#include "engine/files/open_walked.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "support/python.h"

namespace iip::test {
namespace {

namespace fs = std::filesystem;

class OpenWalked : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_.file("root/sub"));
    fs::create_directories(folder_.file("secret"));
    write_file(folder_.file("root/sub/image.tif"), {1});
    write_file(folder_.file("secret/image.tif"), {1, 2});
    fs::create_symlink("image.tif", folder_.file("root/sub/link.tif"));
    fs::create_symlink("../../secret/image.tif", folder_.file("root/sub/out.tif"));
    fs::create_symlink("../sub/image.tif", folder_.file("root/sub/up.tif"));
    fs::create_symlink(folder_.file("root/sub/image.tif"), folder_.file("root/sub/absolute.tif"));
    fs::create_directory_symlink("sub", folder_.file("root/link"));
    fs::create_directory_symlink("../secret", folder_.file("root/out"));
  }

  // As a walk sees a name: the link itself, where it is one.
  FileIdentity identity(const std::string& name) {
    struct stat status {};
    EXPECT_EQ(::lstat(folder_.file(name).c_str(), &status), 0) << name;
    return {status.st_dev, status.st_ino};
  }

  // Below root/, of which nobody has looked at anything.
  std::vector<PathComponent> path(const std::string& folder, const std::string& file,
                                  LinkRule links) {
    return {{folder, links}, {file, links}};
  }

  // With what they are now.
  std::vector<PathComponent> walked(const std::string& folder, const std::string& file) {
    const auto rule = LinkRule::same_owner;
    return {{folder, rule, identity("root/" + folder)},
            {file, rule, identity("root/" + folder + "/" + file)}};
  }

  Result<File> open(const std::vector<PathComponent>& components, bool confined = true) {
    return open_walked({folder_.file("root"), components, confined ? 0 : SIZE_MAX});
  }

  // The size of the file that was opened, 0 where it was not for the reason given.
  std::uint64_t size_of(const std::vector<PathComponent>& components, bool confined,
                        ErrorKind reason = ErrorKind::not_found) {
    const auto file = open(components, confined);
    if (!file) {
      EXPECT_EQ(file.error().kind, reason) << file.error().detail;
    }
    return file ? file->size() : 0;
  }

  void exchange(const std::string& a, const std::string& b) {
    fs::rename(folder_.file(a), folder_.file("aside"));
    fs::rename(folder_.file(b), folder_.file(a));
    fs::rename(folder_.file("aside"), folder_.file(b));
  }

  ScratchFolder folder_;
};

TEST_F(OpenWalked, WhatIsStillThere) {
  for (const bool confined : {true, false}) {
    EXPECT_EQ(size_of(walked("sub", "image.tif"), confined), 1U);
    EXPECT_EQ(size_of(walked("sub", "link.tif"), confined), 1U);
    EXPECT_EQ(size_of(walked("link", "image.tif"), confined), 1U);
    EXPECT_EQ(size_of(walked("link", "link.tif"), confined), 1U);
    EXPECT_EQ(size_of(walked("sub", "up.tif"), confined), 1U);
    EXPECT_EQ(size_of({{"missing"}, {"image.tif"}}, confined), 0U);
    EXPECT_EQ(size_of({{"sub"}, {"missing"}}, confined), 0U);
    EXPECT_EQ(size_of({{"sub"}}, confined), 0U);
  }
}

TEST_F(OpenWalked, AFolderInThePlaceOfAFolder) {
  const auto before = walked("sub", "image.tif");
  exchange("root/sub", "secret");
  EXPECT_EQ(size_of(before, true, ErrorKind::busy), 0U);
  EXPECT_EQ(size_of(before, false, ErrorKind::busy), 0U);
}

TEST_F(OpenWalked, ALinkInThePlaceOfAFolder) {
  const auto before = walked("sub", "image.tif");
  exchange("root/sub", "root/out");
  EXPECT_EQ(size_of(before, true, ErrorKind::busy), 0U);
  EXPECT_EQ(size_of(before, false, ErrorKind::busy), 0U);
}

TEST_F(OpenWalked, ALinkOrAFileInThePlaceOfTheFile) {
  auto before = walked("sub", "image.tif");
  exchange("root/sub/image.tif", "root/sub/out.tif");
  EXPECT_EQ(size_of(before, false, ErrorKind::busy), 0U);
  exchange("root/sub/image.tif", "root/sub/out.tif");
  exchange("root/sub/image.tif", "secret/image.tif");
  EXPECT_EQ(size_of(before, false, ErrorKind::busy), 0U);
}

TEST_F(OpenWalked, AnotherLinkInThePlaceOfALink) {
  const auto before = walked("sub", "link.tif");
  exchange("root/sub/link.tif", "root/sub/out.tif");
  EXPECT_EQ(size_of(before, false, ErrorKind::busy), 0U);
}

TEST_F(OpenWalked, LinksThatAreRefused) {
  for (const bool confined : {true, false}) {
    EXPECT_EQ(size_of(path("sub", "image.tif", LinkRule::refuse), confined), 1U);
    EXPECT_EQ(size_of(path("sub", "link.tif", LinkRule::refuse), confined, ErrorKind::forbidden),
              0U);
    EXPECT_EQ(size_of(path("link", "image.tif", LinkRule::refuse), confined, ErrorKind::forbidden),
              0U);
  }
}

TEST_F(OpenWalked, LinksLeadOutWhereTheyAreNotConfined) {
  for (const LinkRule rule : {LinkRule::follow, LinkRule::same_owner}) {
    EXPECT_EQ(size_of(path("sub", "out.tif", rule), false), 2U);
    EXPECT_EQ(size_of(path("out", "image.tif", rule), false), 2U);
    EXPECT_EQ(size_of(path("sub", "absolute.tif", rule), false), 1U);
    EXPECT_EQ(size_of(path("sub", "out.tif", rule), true), 0U);
    EXPECT_EQ(size_of(path("out", "image.tif", rule), true), 0U);
    EXPECT_EQ(size_of(path("sub", "absolute.tif", rule), true), 0U);
  }
}

TEST_F(OpenWalked, LinksOfAnotherOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to another user";
  for (const char* link : {"root/link", "root/sub/link.tif"}) {
    ASSERT_EQ(::lchown(folder_.file(link).c_str(), 12345, 12345), 0);
  }
  for (const bool confined : {true, false}) {
    EXPECT_EQ(size_of(walked("sub", "link.tif"), confined, ErrorKind::forbidden), 0U);
    EXPECT_EQ(size_of(walked("link", "image.tif"), confined, ErrorKind::forbidden), 0U);
    EXPECT_EQ(size_of(path("sub", "link.tif", LinkRule::follow), confined), 1U);
  }
}

// Whether there is image.tif in the folder that was opened: 1 in that which was walked to, 2 in
// secret/, 0 where none was opened for the reason given.
TEST_F(OpenWalked, FoldersToList) {
  const auto size_in = [&](const std::vector<PathComponent>& components, ErrorKind reason) {
    const auto folder = open_walked_folder({folder_.file("root"), components, 0});
    if (!folder) {
      EXPECT_EQ(folder.error().kind, reason) << folder.error().detail;
      return off_t{0};
    }
    struct stat status {};
    return ::fstatat(folder->get(), "image.tif", &status, 0) == 0 ? status.st_size : off_t{-1};
  };
  const std::vector<PathComponent> before{{"sub", LinkRule::same_owner, identity("root/sub")}};
  EXPECT_EQ(size_in(before, ErrorKind::not_found), 1);
  EXPECT_EQ(size_in({{"link"}}, ErrorKind::not_found), 1);
  EXPECT_EQ(size_in({{"link", LinkRule::refuse}}, ErrorKind::forbidden), 0);
  EXPECT_EQ(size_in({{"out"}}, ErrorKind::not_found), 0);
  EXPECT_EQ(size_in({{"missing"}}, ErrorKind::not_found), 0);
  EXPECT_EQ(size_in({{"sub"}, {"image.tif"}}, ErrorKind::not_found), 0);
  EXPECT_TRUE(open_walked_folder({folder_.file("root"), {}}));
  exchange("root/sub", "secret");
  EXPECT_EQ(size_in(before, ErrorKind::busy), 0);
  exchange("root/sub", "secret");
  exchange("root/sub", "root/out");
  EXPECT_EQ(size_in(before, ErrorKind::busy), 0);
}

TEST_F(OpenWalked, OnlyRegularFiles) {
  ASSERT_EQ(::mkfifo(folder_.file("root/sub/fifo").c_str(), 0600), 0);
  EXPECT_EQ(size_of(walked("sub", "fifo"), true), 0U);
  EXPECT_EQ(size_of({{"sub"}, {"image.tif"}, {"below"}}, true), 0U);
  EXPECT_EQ(size_of({}, true), 0U);
}

}  // namespace
}  // namespace iip::test

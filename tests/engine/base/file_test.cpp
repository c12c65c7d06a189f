#include "engine/base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "support/python.h"

namespace iip {
namespace {

struct FileTest : ::testing::Test {
  test::ScratchFolder folder;
  std::string path = folder.file("file");

  File open_with(const std::vector<std::uint8_t>& bytes) {
    test::write_file(path, bytes);
    return reopen();
  }
  File reopen() { return *File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY))); }
};

TEST_F(FileTest, ReadsFromAnyOffset) {
  std::vector<std::uint8_t> bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  const File file = open_with(bytes);
  EXPECT_EQ(file.size(), bytes.size());
  std::vector<std::uint8_t> part(70'000);
  ASSERT_TRUE(file.read_at(12'345, part));
  EXPECT_TRUE(std::equal(part.begin(), part.end(), bytes.begin() + 12'345));
  ASSERT_TRUE(file.read_at(99'999, std::span(part).first(1)));
  EXPECT_EQ(part[0], bytes.back());
  EXPECT_TRUE(file.read_at(100'000, std::span(part).first(0)));
}

TEST_F(FileTest, RangesPastTheEndAreCorrupt) {
  const File file = open_with({1, 2, 3, 4});
  std::array<std::uint8_t, 8> out{};
  struct Range {
    std::uint64_t offset;
    std::size_t length;
  };
  for (const Range& range : {Range{0, 5}, Range{4, 1}, Range{3, 2}, Range{UINT64_MAX, 1},
                             Range{UINT64_MAX - 3, 8}, Range{5, 0}}) {
    const Status status = file.read_at(range.offset, std::span(out).first(range.length));
    ASSERT_FALSE(status) << range.offset;
    EXPECT_EQ(status.error().kind, ErrorKind::corrupt);
  }
}

TEST_F(FileTest, CutShortAfterOpeningIsCorrupt) {
  const File file = open_with(std::vector<std::uint8_t>(5000, 9));
  ASSERT_EQ(::truncate(path.c_str(), 1000), 0);
  std::vector<std::uint8_t> out(2000);
  EXPECT_TRUE(file.read_at(0, std::span(out).first(1000)));
  const Status status = file.read_at(0, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::corrupt);
  // The client learns nothing of the machine.
  EXPECT_EQ(status.error().message.find(path), std::string::npos);
}

TEST_F(FileTest, OnlyRegularFilesAreAdopted) {
  const auto folder_result = File::adopt(UniqueFd(::open("/", O_RDONLY | O_DIRECTORY)));
  ASSERT_FALSE(folder_result);
  EXPECT_EQ(folder_result.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(File::adopt(UniqueFd(::open("/dev/null", O_RDONLY))));
  EXPECT_FALSE(File::adopt(UniqueFd()));
}

TEST_F(FileTest, EveryRewriteIsAnotherVersion) {
  const FileVersion first = open_with({1, 2, 3}).version();
  EXPECT_EQ(first, reopen().version());
  EXPECT_EQ(first.size, 3U);

  // Rewritten in place, with the modification time set back: the change time tells.
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  ::usleep(20'000);
  test::write_file(path, {4, 5, 6});
  const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
  const FileVersion second = reopen().version();
  EXPECT_EQ(second.mtime_ns, first.mtime_ns);
  EXPECT_FALSE(second == first);

  Hasher one;
  Hasher two;
  first.add_to(one);
  second.add_to(two);
  EXPECT_FALSE(one.digest() == two.digest());
}

TEST_F(FileTest, DescriptorsAreClosedOnceAndMayBeTaken) {
  File file = open_with({1});
  const int number = file.descriptor();
  {
    const UniqueFd taken = file.take_descriptor();
    EXPECT_EQ(taken.get(), number);
    EXPECT_EQ(file.descriptor(), -1);
    EXPECT_NE(::fcntl(number, F_GETFD), -1);
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace iip

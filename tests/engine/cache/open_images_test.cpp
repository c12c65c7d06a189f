#include "engine/cache/open_images.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/base/result.h"

namespace iip {
namespace {

using Cache = OpenImages<int>;

FileVersion version(std::uint64_t inode, std::int64_t mtime = 0) {
  return {1, inode, 100, mtime, mtime};
}

const auto kAlways = [] { return true; };

// Counts how often an image is opened.
struct Opener {
  int* count;
  int value;
  Result<Cache::Pointer> operator()() const {
    ++*count;
    return std::make_shared<const int>(value);
  }
};

TEST(OpenImages, OpensAVersionOnce) {
  Cache cache(4);
  int opened = 0;
  EXPECT_EQ(**cache.find_or_open({version(7)}, Opener{&opened, 42}, kAlways), 42);
  EXPECT_EQ(**cache.find_or_open({version(7)}, Opener{&opened, 43}, kAlways), 42);
  EXPECT_EQ(opened, 1);
}

TEST(OpenImages, AChangedFileIsANewImage) {
  Cache cache(4);
  int opened = 0;
  EXPECT_EQ(**cache.find_or_open({version(7, 1)}, Opener{&opened, 1}, kAlways), 1);
  EXPECT_EQ(**cache.find_or_open({version(7, 2)}, Opener{&opened, 2}, kAlways), 2);
  FileVersion touched_back = version(7, 1);
  touched_back.ctime_ns = 99;
  EXPECT_EQ(**cache.find_or_open({touched_back}, Opener{&opened, 3}, kAlways), 3);
}

TEST(OpenImages, TheLeastRecentlyUsedLeavesFirst) {
  Cache cache(2);
  int opened = 0;
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  (void)cache.find_or_open({version(2)}, Opener{&opened, 2}, kAlways);
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  (void)cache.find_or_open({version(3)}, Opener{&opened, 3}, kAlways);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(opened, 3);
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  EXPECT_EQ(opened, 3) << "1 was used after 2 and must have stayed";
  (void)cache.find_or_open({version(2)}, Opener{&opened, 2}, kAlways);
  EXPECT_EQ(opened, 4) << "2 must have left";
}

TEST(OpenImages, AFailureIsNotKept) {
  Cache cache(2);
  const auto failing = []() -> Result<Cache::Pointer> { return fail(ErrorKind::corrupt, "no"); };
  EXPECT_FALSE(cache.find_or_open({version(1)}, failing, kAlways));
  int opened = 0;
  EXPECT_TRUE(cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways));
  EXPECT_EQ(opened, 1);
}

TEST(OpenImages, WithoutRoomNothingIsKept) {
  Cache cache(0);
  int opened = 0;
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  EXPECT_EQ(opened, 2);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(OpenImages, AnImageInUseOutlivesItsEntry) {
  Cache cache(1);
  int opened = 0;
  const auto held = cache.find_or_open({version(1)}, Opener{&opened, 11}, kAlways);
  (void)cache.find_or_open({version(2)}, Opener{&opened, 22}, kAlways);
  EXPECT_EQ(**held, 11);
}

TEST(OpenImages, ManyThreadsGetTheImageTheyAskedFor) {
  Cache cache(8);
  std::atomic<int> wrong{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&cache, &wrong, thread] {
      for (int i = 0; i < 2000; ++i) {
        const int image = (i * 7 + thread) % 24;
        int opened = 0;
        const auto found = cache.find_or_open({version(static_cast<std::uint64_t>(image))},
                                              Opener{&opened, image}, kAlways);
        if (!found || **found != image) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.size(), 8U);
}

}  // namespace
}  // namespace iip

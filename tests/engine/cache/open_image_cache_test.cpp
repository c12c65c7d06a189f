#include "engine/cache/open_image_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/base/result.h"

namespace iip {
namespace {

constexpr std::uint64_t kMemory = std::uint64_t{1} << 30U;

struct Picture {
  int value = 0;
  std::uint64_t kept = 0;
  std::uint64_t kept_bytes() const { return kept; }
};

struct HasPool {
  MemoryPool pool{kMemory};
};

struct Cache : HasPool, OpenImageCache<Picture> {
  explicit Cache(std::size_t images, std::uint64_t bytes = kMemory)
      : OpenImageCache(pool, {images, bytes}) {}
};

FileVersion version(std::uint64_t inode, std::int64_t mtime = 0) {
  return {1, inode, 100, mtime, mtime};
}

const auto kAlways = [] { return true; };

// Counts how often an image is opened.
struct Opener {
  int* count;
  int value;
  std::uint64_t kept = 0;
  Result<Cache::Pointer> operator()() const {
    ++*count;
    return std::make_shared<const Picture>(Picture{value, kept});
  }
};

int value_of(const Result<Cache::Pointer>& found) { return (*found)->value; }

TEST(OpenImageCache, OpensAVersionOnce) {
  Cache cache(4);
  int opened = 0;
  EXPECT_EQ(value_of(cache.find_or_open({version(7)}, Opener{&opened, 42}, kAlways)), 42);
  EXPECT_EQ(value_of(cache.find_or_open({version(7)}, Opener{&opened, 43}, kAlways)), 42);
  EXPECT_EQ(opened, 1);
}

TEST(OpenImageCache, AChangedFileIsANewImage) {
  Cache cache(4);
  int opened = 0;
  EXPECT_EQ(value_of(cache.find_or_open({version(7, 1)}, Opener{&opened, 1}, kAlways)), 1);
  EXPECT_EQ(value_of(cache.find_or_open({version(7, 2)}, Opener{&opened, 2}, kAlways)), 2);
  FileVersion touched_back = version(7, 1);
  touched_back.ctime_ns = 99;
  EXPECT_EQ(value_of(cache.find_or_open({touched_back}, Opener{&opened, 3}, kAlways)), 3);
}

TEST(OpenImageCache, TheLeastRecentlyUsedLeavesFirst) {
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

TEST(OpenImageCache, AFailureIsNotKept) {
  Cache cache(2);
  const auto failing = []() -> Result<Cache::Pointer> { return fail(ErrorKind::corrupt, "no"); };
  EXPECT_FALSE(cache.find_or_open({version(1)}, failing, kAlways));
  int opened = 0;
  EXPECT_TRUE(cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways));
  EXPECT_EQ(opened, 1);
}

TEST(OpenImageCache, WithoutRoomNothingIsKept) {
  Cache cache(0);
  int opened = 0;
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  (void)cache.find_or_open({version(1)}, Opener{&opened, 1}, kAlways);
  EXPECT_EQ(opened, 2);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(OpenImageCache, BoundedByBytesAsWell) {
  Cache cache(100, 1000);
  int opened = 0;
  for (std::uint64_t i = 0; i < 4; ++i) {
    (void)cache.find_or_open({version(i)}, Opener{&opened, 1, 300}, kAlways);
  }
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_EQ(cache.bytes(), 900U);
  EXPECT_EQ(cache.find({version(0)}), nullptr) << "the oldest";
  (void)cache.find_or_open({version(9)}, Opener{&opened, 1, 1001}, kAlways);
  EXPECT_EQ(cache.size(), 3U) << "one that is too large by itself drives none out";
  (void)cache.find_or_open({version(9)}, Opener{&opened, 1, 1000}, kAlways);
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.bytes(), 1000U);
}

TEST(OpenImageCache, ThoseThatHoldMuchLeaveForOthers) {
  constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20U;
  Cache cache(100);
  int opened = 0;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const std::uint64_t kept = i % 2 == 0 ? kMegabyte : 1000;
    (void)cache.find_or_open({version(i)}, Opener{&opened, 1, kept}, kAlways);
  }
  EXPECT_TRUE(cache.reclaim(kMegabyte + 1));
  EXPECT_EQ(cache.size(), 4U);
  EXPECT_EQ(cache.find({version(2)}), nullptr);
  EXPECT_NE(cache.find({version(4)}), nullptr) << "the youngest";
  EXPECT_TRUE(cache.reclaim(10 * kMegabyte));
  EXPECT_FALSE(cache.reclaim(1)) << "only small ones are left";
  EXPECT_EQ(cache.size(), 3U);
}

TEST(OpenImageCache, AnImageInUseOutlivesItsEntry) {
  Cache cache(1);
  int opened = 0;
  const auto held = cache.find_or_open({version(1)}, Opener{&opened, 11}, kAlways);
  (void)cache.find_or_open({version(2)}, Opener{&opened, 22}, kAlways);
  EXPECT_EQ(value_of(held), 11);
}

TEST(OpenImageCache, ManyThreadsGetTheImageTheyAskedFor) {
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
        if (!found || value_of(found) != image) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.size(), 8U);
}

}  // namespace
}  // namespace iip

#include "engine/image/raster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

// AddressSanitizer, where it is built in, asks for its options: a request for impossible amounts of
// memory is to fail as it does elsewhere, not to end the program.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace iip {
namespace {

constexpr PixelFormat kRgb{SampleType::u8, ColourModel::rgb, false};

TEST(Raster, RowsAreAlignedAndPadded) {
  MemoryPool pool(1 << 20);
  MemoryBudget budget(pool, 1 << 20);
  for (const SampleType type :
       {SampleType::u8, SampleType::u16, SampleType::u32, SampleType::f32}) {
    for (const bool alpha : {false, true}) {
      const PixelFormat format{type, ColourModel::rgb, alpha};
      auto raster = Raster::create({33, 7}, format, budget);
      ASSERT_TRUE(raster);
      EXPECT_EQ(format.channels(), alpha ? 4 : 3);
      EXPECT_EQ(raster->row_bytes(), 33 * format.pixel_bytes());
      EXPECT_EQ(raster->stride() % 64, 0U);
      EXPECT_GE(raster->stride(), raster->row_bytes());
      EXPECT_LT(raster->stride(), raster->row_bytes() + 64);
      for (std::int64_t y = 0; y < 7; ++y) {
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(raster->row(y)) % 64, 0U);
        raster->row(y)[raster->row_bytes() - 1] = 1;  // within the storage
      }
      EXPECT_EQ(raster->samples<std::uint8_t>(6).size(), raster->row_bytes());
    }
  }
}

TEST(Raster, IsCountedForAsLongAsItLives) {
  MemoryPool pool(1 << 20);
  MemoryBudget budget(pool, 1 << 20);
  {
    auto raster = Raster::create({10, 10}, kRgb, budget);
    ASSERT_TRUE(raster);
    EXPECT_EQ(budget.used(), 640U);  // ten rows of 64 bytes
    const Raster moved = std::move(*raster);
    EXPECT_EQ(budget.used(), 640U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(Raster, AssignmentFreesWhatWasThere) {
  MemoryPool pool(1 << 20);
  MemoryBudget budget(pool, 1 << 20);
  {
    Raster big = std::move(*Raster::create({100, 100}, kRgb, budget));
    {
      Raster small = std::move(*Raster::create({1, 1}, kRgb, budget));
      big = std::move(small);
      big.row(0)[0] = 7;
    }
    EXPECT_EQ(big.size(), (Size{1, 1}));
    EXPECT_EQ(big.row(0)[0], 7);
    EXPECT_EQ(budget.used(), 64U);
  }
  EXPECT_EQ(budget.used(), 0U);
}

// Leaves memory behind that the next raster of this size gets, full of ones.
void soil(const Size& size, MemoryBudget& budget) {
  auto raster = Raster::create(size, kRgb, budget);
  const auto rows = static_cast<std::size_t>(size.height);
  std::memset(raster->row(0), 0xFF, rows * raster->stride());
}

std::ptrdiff_t bytes_set(const Raster& raster, std::int64_t first_row) {
  const auto* end = raster.row(raster.size().height);
  return end - raster.row(first_row) - std::count(raster.row(first_row), end, 0);
}

TEST(Raster, MemoryIsGivenOutCleared) {
  MemoryPool pool(1U << 30U);
  MemoryBudget budget(pool, 1U << 30U);
  for (const Size& size : {Size{3, 5}, Size{100, 90}, Size{1000, 1000}, Size{5000, 3000}}) {
    soil(size, budget);
    const auto raster = Raster::create(size, kRgb, budget);
    ASSERT_TRUE(raster);
    EXPECT_EQ(bytes_set(*raster, 0), 0) << size.width;
  }
}

TEST(Raster, RowsThatWereNotWrittenAreCleared) {
  MemoryPool pool(1U << 20U);
  MemoryBudget budget(pool, 1U << 20U);
  constexpr Size kSize{25, 40};  // 75 bytes in rows of 128
  for (const std::int64_t rows : {0, 1, 39, 40, 41}) {
    soil(kSize, budget);
    auto unwritten = UnwrittenRaster::create(kSize, kRgb, budget);
    ASSERT_TRUE(unwritten);
    const std::int64_t written = std::min(rows, kSize.height);
    for (std::int64_t y = 0; y < written; ++y) std::memset(unwritten->pixels().row(y), 1, 75);
    const Raster raster = std::move(*unwritten).written(rows);
    EXPECT_EQ(bytes_set(raster, 0), 75 * written) << "rows and padding";
    EXPECT_EQ(bytes_set(raster, written), 0) << rows;
    EXPECT_EQ(budget.used(), 40U * 128U);
  }
}

TEST(Raster, LimitsComeBeforeAllocation) {
  MemoryPool pool(UINT64_MAX);
  MemoryBudget budget(pool, 1000);
  const auto refused = [&](const Size& size) {
    const auto raster = Raster::create(size, {SampleType::f32, ColourModel::rgb, true}, budget);
    return !raster && raster.error().kind == ErrorKind::too_large && budget.used() == 0;
  };
  constexpr std::int64_t kMost = std::int64_t{1} << 31U;
  EXPECT_TRUE(refused({100, 100}));
  EXPECT_TRUE(refused({0, 5}));
  EXPECT_TRUE(refused({5, -1}));
  EXPECT_TRUE(refused({kMost, kMost}));  // 2^66 bytes
  EXPECT_TRUE(refused({kMost + 1, 1}));
  EXPECT_TRUE(refused({INT64_MAX, INT64_MAX}));
}

TEST(Raster, MemoryThatTheSystemLacksIsBusy) {
  MemoryPool pool(UINT64_MAX);
  MemoryBudget budget(pool, UINT64_MAX);
  // 2^62 bytes: more than an address space.
  const auto raster = Raster::create({std::int64_t{1} << 31U, std::int64_t{1} << 31U},
                                     {SampleType::u8, ColourModel::grey, false}, budget);
  ASSERT_FALSE(raster);
  EXPECT_EQ(raster.error().kind, ErrorKind::busy);
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace iip

#include "engine/base/budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace iip {
namespace {

TEST(Budget, CountsAndGivesBack) {
  MemoryPool pool(1000);
  MemoryBudget budget(pool, 600);
  {
    const auto first = budget.reserve(400);
    ASSERT_TRUE(first);
    EXPECT_EQ(budget.used(), 400U);
    EXPECT_EQ(pool.used(), 400U);
    const auto second = budget.reserve(200);
    ASSERT_TRUE(second);
    EXPECT_EQ(pool.used(), 600U);
  }
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_EQ(pool.used(), 0U);
}

TEST(Budget, OverTheRequestsLimitIsTooLarge) {
  MemoryPool pool(1000);
  MemoryBudget budget(pool, 600);
  const auto held = budget.reserve(500);
  ASSERT_TRUE(held);
  for (const std::uint64_t bytes : {std::uint64_t{101}, std::uint64_t{601}, UINT64_MAX}) {
    const auto refused = budget.reserve(bytes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  }
  EXPECT_EQ(pool.used(), 500U);
}

TEST(Budget, WhatThePoolCanNeverHoldIsTooLarge) {
  MemoryPool pool(100);
  MemoryBudget budget(pool, 600);
  EXPECT_EQ(budget.reserve(101).error().kind, ErrorKind::too_large);
}

TEST(Budget, FullPoolIsBusyUntilSomeoneGivesBack) {
  MemoryPool pool(1000);
  MemoryBudget one(pool, 800);
  MemoryBudget other(pool, 800);
  {
    const auto held = one.reserve(700);
    ASSERT_TRUE(held);
    const auto refused = other.reserve(400);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    EXPECT_EQ(other.used(), 0U);
  }
  EXPECT_TRUE(other.reserve(400));
}

TEST(Budget, MovedReservationsAreGivenBackOnce) {
  MemoryPool pool(1000);
  MemoryBudget budget(pool, 1000);
  {
    Reservation kept;
    {
      auto first = budget.reserve(300);
      ASSERT_TRUE(first);
      kept = std::move(*first);
    }
    EXPECT_EQ(pool.used(), 300U);
    Reservation again(std::move(kept));
    EXPECT_EQ(pool.used(), 300U);
  }
  EXPECT_EQ(pool.used(), 0U);
}

TEST(Budget, GrownReservationsAreGivenBackWhole) {
  MemoryPool pool(1000);
  MemoryBudget budget(pool, 600);
  {
    auto held = budget.reserve(100);
    ASSERT_TRUE(held);
    EXPECT_TRUE(budget.grow(*held, 400));
    EXPECT_EQ(held->bytes(), 500U);
    const Status refused = budget.grow(*held, 101);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
    EXPECT_EQ(budget.used(), 500U);
  }
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_EQ(pool.used(), 0U);
}

TEST(Budget, ThreadsNeverExceedThePool) {
  MemoryPool pool(10'000);
  std::atomic<bool> exceeded{false};
  std::atomic<int> granted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      MemoryBudget budget(pool, 10'000);
      for (std::uint64_t i = 0; i < 5'000; ++i) {
        const auto held = budget.reserve(1 + (i * 37 + static_cast<std::uint64_t>(t)) % 4000);
        if (held) ++granted;
        if (pool.used() > pool.limit()) exceeded = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_GT(granted, 0);
  EXPECT_EQ(pool.used(), 0U);
}

}  // namespace
}  // namespace iip

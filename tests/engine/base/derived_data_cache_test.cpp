#include "engine/base/derived_data_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace iip {
namespace {

class Thing : public Kept {
 public:
  Thing(int value, Reservation memory) : value_(value), memory_(std::move(memory)) {
    memory_.outlive_budget();
  }
  std::uint64_t bytes() const override { return memory_.bytes(); }
  int value() const { return value_; }

 private:
  int value_;
  Reservation memory_;
};

using ThingPointer = std::shared_ptr<const Thing>;

class DerivedDataCacheTest : public ::testing::Test {
 protected:
  static KeptOwner owner() { return std::make_shared<const KeptTag>(); }

  Result<ThingPointer> find(const KeptOwner& owner, int value, std::uint64_t bytes = 100,
                            std::uint64_t number = 0) {
    return store_.find_or_make<Thing>({owner, number}, {}, [&]() -> Result<ThingPointer> {
      ++made_;
      auto memory = budget_.reserve(bytes);
      if (!memory) return pass_on(memory);
      return std::make_shared<const Thing>(value, std::move(*memory));
    });
  }

  MemoryPool pool_{1000};
  DerivedDataCache store_{pool_, 500};
  MemoryBudget budget_{pool_, 1000};
  int made_ = 0;
};

TEST_F(DerivedDataCacheTest, MakesOnceForEachOwner) {
  const KeptOwner a = owner();
  const KeptOwner b = owner();
  EXPECT_EQ((*find(a, 1))->value(), 1);
  EXPECT_EQ((*find(b, 2))->value(), 2);
  EXPECT_EQ((*find(a, 3))->value(), 1);
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(pool_.used(), 200U);
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(DerivedDataCacheTest, AnOwnersThingsAreToldApartByNumbers) {
  const KeptOwner a = owner();
  const KeptOwner b = owner();
  EXPECT_EQ((*find(a, 1, 100, 7))->value(), 1);
  EXPECT_EQ((*find(a, 2, 100, 8))->value(), 2);
  EXPECT_EQ((*find(b, 3, 100, 7))->value(), 3);
  EXPECT_EQ((*find(a, 4, 100, 7))->value(), 1);
  EXPECT_EQ((*find(a, 4, 100, 8))->value(), 2);
  EXPECT_EQ((*find(b, 4, 100, 7))->value(), 3);
  EXPECT_EQ(made_, 3);
}

TEST_F(DerivedDataCacheTest, TheLeastRecentlyUsedLeavesAtTheLimit) {
  std::vector<KeptOwner> owners;
  for (int i = 0; i < 5; ++i) owners.push_back(owner());
  for (int i = 0; i < 5; ++i) find(owners[static_cast<std::size_t>(i)], i);
  find(owners[0], 9);  // used again
  find(owner(), 6);
  EXPECT_EQ(store_.bytes(), 500U);
  made_ = 0;
  find(owners[0], 9);
  EXPECT_EQ(made_, 0);
  find(owners[1], 9);
  EXPECT_EQ(made_, 1);
}

TEST_F(DerivedDataCacheTest, GivesUpWhatRequestsNeed) {
  const KeptOwner a = owner();
  const KeptOwner b = owner();
  find(a, 1, 250);
  find(b, 2, 250);
  EXPECT_TRUE(budget_.reserve(600));
  EXPECT_EQ(store_.bytes(), 250U);
  EXPECT_EQ((*find(b, 3))->value(), 2);
  EXPECT_FALSE(budget_.reserve(1001));
  EXPECT_EQ(store_.bytes(), 250U);
}

TEST_F(DerivedDataCacheTest, WhatIsInUseIsNotFreedUnderItsUser) {
  const KeptOwner a = owner();
  const ThingPointer used = *find(a, 7, 400);
  const auto refused = budget_.reserve(700);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  EXPECT_EQ(used->value(), 7);
  EXPECT_EQ(pool_.used(), 400U);
}

TEST_F(DerivedDataCacheTest, FailuresAreNotKept) {
  const KeptOwner a = owner();
  EXPECT_FALSE(find(a, 1, 2000));
  EXPECT_EQ((*find(a, 2))->value(), 2);
  EXPECT_EQ(made_, 2);
}

TEST_F(DerivedDataCacheTest, AnOwnerThatIsGoneIsNotFoundAgain) {
  for (int i = 0; i < 50; ++i) {
    const KeptOwner a = owner();  // often at the address of the one before
    EXPECT_EQ((*find(a, i, 10))->value(), i);
  }
}

TEST_F(DerivedDataCacheTest, ManyThreadsOneMaking) {
  const KeptOwner a = owner();
  std::atomic<int> made = 0;
  const auto work = [&] {
    MemoryBudget budget(pool_, 1000);
    const auto thing = store_.find_or_make<Thing>({a}, {}, [&]() -> Result<ThingPointer> {
      ++made;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      auto memory = budget.reserve(100);
      if (!memory) return pass_on(memory);
      return std::make_shared<const Thing>(5, std::move(*memory));
    });
    EXPECT_EQ((*thing)->value(), 5);
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(work);
  }
  EXPECT_EQ(made, 1);
}

TEST_F(DerivedDataCacheTest, WaitsNoLongerThanTheDeadline) {
  const KeptOwner a = owner();
  std::atomic<bool> over = false;
  std::jthread maker([&] {
    const auto never = store_.find_or_make<Thing>({a}, {}, [&]() -> Result<ThingPointer> {
      while (!over) std::this_thread::yield();
      return fail(ErrorKind::corrupt, "not made");
    });
    EXPECT_FALSE(never);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto late = store_.find_or_make<Thing>(
      {a}, Deadline::after(std::chrono::seconds(0)),
      [&]() -> Result<ThingPointer> { return fail(ErrorKind::internal, "nobody asks for it"); });
  over = true;
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::busy);
}

}  // namespace
}  // namespace iip

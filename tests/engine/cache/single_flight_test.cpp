#include "engine/cache/single_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace iip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Flights = SingleFlight<int>;

constexpr Digest kKey{1, 2};

struct Leaver : ClientWatch {
  bool gone() override { return true; }
};

TEST(SingleFlight, OneOfManyMakesTheValue) {
  constexpr int kThreads = 16;
  Flights flights;
  std::atomic<int> made{0};
  std::atomic<int> shared{0};
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        const auto landing = flights.run(kKey, seconds(20), nullptr, [&]() -> Result<int> {
          ++made;
          std::this_thread::sleep_for(milliseconds(300));
          return 42;
        });
        ASSERT_TRUE(landing.value);
        EXPECT_EQ(*landing.value, 42);
        if (landing.shared) ++shared;
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(shared, kThreads - 1);
  const auto later = flights.run(kKey, seconds(1), nullptr, []() -> Result<int> { return 43; });
  EXPECT_EQ(*later.value, 43) << "it is no cache";
  EXPECT_FALSE(later.shared);
}

// Starts a maker that does `make`, and joins it with a second thread once it is under way.
template <class Make>
Flights::Landing second_of(Flights& flights, milliseconds patience, Make make,
                           ClientWatch* client = nullptr) {
  std::latch under_way(1);
  std::jthread first([&] {
    try {
      (void)flights.run(kKey, patience, nullptr, [&]() -> Result<int> {
        under_way.count_down();
        return make();
      });
    } catch (const std::runtime_error&) {
    }
  });
  under_way.wait();
  return flights.run(kKey, patience, client, []() -> Result<int> { return 2; });
}

TEST(SingleFlight, AnErrorIsEverybodys) {
  Flights flights;
  const auto landing = second_of(flights, seconds(20), []() -> Result<int> {
    std::this_thread::sleep_for(milliseconds(200));
    return fail(ErrorKind::corrupt, "damaged");
  });
  ASSERT_FALSE(landing.value);
  EXPECT_EQ(landing.value.error().kind, ErrorKind::corrupt);
}

TEST(SingleFlight, AClientWhoLeavesHandsTheMakingOn) {
  Flights flights;
  const auto landing = second_of(flights, seconds(20), []() -> Result<int> {
    std::this_thread::sleep_for(milliseconds(200));
    return fail(ErrorKind::client_gone, "left");
  });
  ASSERT_TRUE(landing.value);
  EXPECT_EQ(*landing.value, 2);
  EXPECT_TRUE(landing.took_over);
}

TEST(SingleFlight, WhatIsThrownHandsTheMakingOn) {
  Flights flights;
  const auto landing = second_of(flights, seconds(20), []() -> Result<int> {
    std::this_thread::sleep_for(milliseconds(200));
    throw std::runtime_error("out of memory, say");
  });
  ASSERT_TRUE(landing.value);
  EXPECT_EQ(*landing.value, 2);
}

TEST(SingleFlight, PatienceEnds) {
  Flights flights;
  std::latch never_mind(1);
  std::latch under_way(1);
  std::jthread slow([&] {
    (void)flights.run(kKey, seconds(1), nullptr, [&]() -> Result<int> {
      under_way.count_down();
      never_mind.wait();
      return 1;
    });
  });
  under_way.wait();
  const auto landing =
      flights.run(kKey, milliseconds(50), nullptr, []() -> Result<int> { return 2; });
  ASSERT_TRUE(landing.value);
  EXPECT_EQ(*landing.value, 2);
  EXPECT_TRUE(landing.took_over);
  never_mind.count_down();
}

TEST(SingleFlight, OneOfThoseWhoLostPatienceGoesAhead) {
  constexpr int kWaiters = 8;
  Flights flights;
  std::latch never_mind(1);
  std::latch under_way(1);
  std::jthread slow([&] {
    (void)flights.run(kKey, seconds(1), nullptr, [&]() -> Result<int> {
      under_way.count_down();
      never_mind.wait();
      return 1;
    });
  });
  under_way.wait();
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> waiters;
    for (int i = 0; i < kWaiters; ++i) {
      waiters.emplace_back([&] {
        // Longer than the second flight takes, shorter than the first.
        const auto landing = flights.run(kKey, seconds(2), nullptr, [&]() -> Result<int> {
          ++made;
          std::this_thread::sleep_for(milliseconds(500));
          return 2;
        });
        EXPECT_EQ(*landing.value, 2);
      });
    }
  }
  EXPECT_EQ(made, 1);
  never_mind.count_down();
}

TEST(SingleFlight, AWaiterWhoseClientLeavesStopsWaiting) {
  Flights flights;
  Leaver client;
  const auto landing = second_of(
      flights, seconds(20),
      []() -> Result<int> {
        std::this_thread::sleep_for(milliseconds(800));
        return 1;
      },
      &client);
  ASSERT_FALSE(landing.value);
  EXPECT_EQ(landing.value.error().kind, ErrorKind::client_gone);
}

}  // namespace
}  // namespace iip

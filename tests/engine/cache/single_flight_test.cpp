#include "engine/cache/single_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/waiting_client.h"

namespace iip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Flights = SingleFlight<int>;
using test::WaitingClient;

constexpr Digest kKey{1, 2};

TEST(SingleFlight, OneOfManyMakesTheValue) {
  constexpr int kThreads = 16;
  Flights flights;
  std::atomic<int> made{0};
  std::atomic<int> shared{0};
  std::latch all_others_wait(kThreads - 1);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        WaitingClient client([&] { all_others_wait.count_down(); });
        const auto outcome = flights.run(kKey, seconds(60), &client, [&]() -> Result<int> {
          ++made;
          all_others_wait.wait();
          return 42;
        });
        ASSERT_TRUE(outcome.value);
        EXPECT_EQ(*outcome.value, 42);
        if (outcome.shared) ++shared;
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(shared, kThreads - 1);
  const auto later = flights.run(kKey, seconds(1), nullptr, []() -> Result<int> { return 43; });
  EXPECT_EQ(*later.value, 43) << "it is no cache";
  EXPECT_FALSE(later.shared);
}

// Starts a maker that does `make` once a second thread, whose outcome is returned, waits for it.
template <class Make>
Flights::Outcome second_of(Flights& flights, Make make) {
  std::latch under_way(1);
  std::latch second_waits(1);
  std::jthread first([&] {
    try {
      (void)flights.run(kKey, seconds(60), nullptr, [&]() -> Result<int> {
        under_way.count_down();
        second_waits.wait();
        return make();
      });
    } catch (const std::runtime_error&) {
    }
  });
  under_way.wait();
  WaitingClient client([&] { second_waits.count_down(); });
  return flights.run(kKey, seconds(60), &client, []() -> Result<int> { return 2; });
}

TEST(SingleFlight, AnErrorIsEverybodys) {
  Flights flights;
  const auto outcome =
      second_of(flights, []() -> Result<int> { return fail(ErrorKind::corrupt, "damaged"); });
  ASSERT_FALSE(outcome.value);
  EXPECT_EQ(outcome.value.error().kind, ErrorKind::corrupt);
}

TEST(SingleFlight, AClientWhoLeavesHandsTheMakingOn) {
  Flights flights;
  const auto outcome =
      second_of(flights, []() -> Result<int> { return fail(ErrorKind::client_gone, "left"); });
  ASSERT_TRUE(outcome.value);
  EXPECT_EQ(*outcome.value, 2);
  EXPECT_TRUE(outcome.took_over);
}

TEST(SingleFlight, WhatIsThrownHandsTheMakingOn) {
  Flights flights;
  const auto outcome =
      second_of(flights, []() -> Result<int> { throw std::runtime_error("out of memory, say"); });
  ASSERT_TRUE(outcome.value);
  EXPECT_EQ(*outcome.value, 2);
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
  const auto outcome =
      flights.run(kKey, milliseconds(50), nullptr, []() -> Result<int> { return 2; });
  ASSERT_TRUE(outcome.value);
  EXPECT_EQ(*outcome.value, 2);
  EXPECT_TRUE(outcome.took_over);
  never_mind.count_down();
}

// Counts waiters who by their own clock cannot be waiting for the first flight any more.
class LateClient : public ClientWatch {
 public:
  LateClient(milliseconds patience, std::latch& late)
      : late_from_(Clock::now() + patience), late_(late) {}
  bool gone() override {
    if (!counted_ && Clock::now() >= late_from_) {
      counted_ = true;
      late_.count_down();
    }
    return false;
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point late_from_;
  std::latch& late_;
  bool counted_ = false;
};

TEST(SingleFlight, OneOfThoseWhoLostPatienceGoesAhead) {
  constexpr int kWaiters = 8;
  constexpr seconds kPatience{2};
  Flights flights;
  std::latch never_mind(1);
  std::latch under_way(1);
  std::jthread slow([&] {
    (void)flights.run(kKey, kPatience, nullptr, [&]() -> Result<int> {
      under_way.count_down();
      never_mind.wait();
      return 1;
    });
  });
  under_way.wait();
  std::atomic<int> made{0};
  std::latch all_others_wait(kWaiters - 1);
  {
    std::vector<std::jthread> waiters;
    for (int i = 0; i < kWaiters; ++i) {
      waiters.emplace_back([&] {
        LateClient client(kPatience, all_others_wait);
        const auto outcome = flights.run(kKey, kPatience, &client, [&]() -> Result<int> {
          if (++made == 1) all_others_wait.wait();
          return 2;
        });
        EXPECT_EQ(*outcome.value, 2);
      });
    }
  }
  EXPECT_EQ(made, 1);
  never_mind.count_down();
}

TEST(SingleFlight, AWaiterWhoseClientLeavesStopsWaiting) {
  Flights flights;
  std::latch under_way(1);
  std::latch never_mind(1);
  std::jthread first([&] {
    (void)flights.run(kKey, seconds(60), nullptr, [&]() -> Result<int> {
      under_way.count_down();
      never_mind.wait();
      return 1;
    });
  });
  under_way.wait();
  WaitingClient client([] {}, /*leaves=*/true);
  const auto outcome = flights.run(kKey, seconds(60), &client, []() -> Result<int> { return 2; });
  never_mind.count_down();
  ASSERT_FALSE(outcome.value);
  EXPECT_EQ(outcome.value.error().kind, ErrorKind::client_gone);
}

}  // namespace
}  // namespace iip

#include "engine/cache/cross_process_single_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "engine/cache/shared_block.h"
#include "support/processes.h"
#include "support/waiting_client.h"

namespace iip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ended_by;
using test::in_child;

constexpr Digest kKey{3, 4};
constexpr std::size_t kSlots = 64;

struct Leaver : ClientWatch {
  bool gone() override { return true; }
};

// Flights in memory that child processes share, with a word for them to count in.
class SharedFlightsTest : public testing::Test {
 protected:
  SharedFlightsTest()
      : block_(SharedBlock::create((kSlots + 1) * sizeof(CrossProcessSingleFlight::Slot)).value()) {
    auto* slots = reinterpret_cast<CrossProcessSingleFlight::Slot*>(block_.span().data());
    std::uninitialized_value_construct_n(slots, kSlots);
    flights_ = CrossProcessSingleFlight({slots, kSlots});
    EXPECT_TRUE(flights_.format());
    count_ = new (slots + kSlots) std::atomic<int>(0);
  }

  void wait_for_count(int wanted) const {
    while (*count_ < wanted) std::this_thread::sleep_for(milliseconds(1));
  }

  SharedBlock block_;
  CrossProcessSingleFlight flights_;
  std::atomic<int>* count_ = nullptr;
};

TEST_F(SharedFlightsTest, AFreeKeyIsTakenAtOnce) {
  const auto guard = flights_.take(kKey, seconds(1), nullptr);
  EXPECT_FALSE(guard.waited());
  EXPECT_FALSE(guard.took_over());
}

TEST_F(SharedFlightsTest, ProcessesTakeTurns) {
  constexpr int kProcesses = 6;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(in_child([&] {
      for (int round = 0; round < 50; ++round) {
        const auto guard = flights_.take(kKey, seconds(20), nullptr);
        // Nobody else may be inside.
        if (count_->fetch_add(1) != 0) _exit(1);
        std::this_thread::yield();
        count_->fetch_sub(1);
      }
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ended_by(child), 0) << "two were inside";
}

TEST_F(SharedFlightsTest, AHolderThatDiesMakesWay) {
  const pid_t child = in_child([&] {
    const auto guard = flights_.take(kKey, seconds(1), nullptr);
    ++*count_;
    pause();
  });
  wait_for_count(1);
  test::WaitingClient killer([&] { kill(child, SIGKILL); });
  const auto guard = flights_.take(kKey, seconds(60), &killer);
  EXPECT_TRUE(guard.waited());
  EXPECT_TRUE(guard.took_over());
  EXPECT_EQ(ended_by(child), SIGKILL);
}

TEST_F(SharedFlightsTest, AStoppedHolderIsLeftBehindByOneAtATime) {
  const pid_t stopped = in_child([&] {
    const auto guard = flights_.take(kKey, seconds(1), nullptr);
    ++*count_;
    raise(SIGSTOP);
  });
  wait_for_count(1);
  constexpr int kProcesses = 4;
  // Far more than all of them are inside, so that none loses it for another than the stopped one.
  constexpr seconds kPatience{2};
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(in_child([&] {
      const auto guard = flights_.take(kKey, kPatience, nullptr);
      if (!guard.took_over()) _exit(1);
      if (count_->fetch_add(10) >= 10) _exit(2);  // another is inside
      std::this_thread::sleep_for(milliseconds(20));
      count_->fetch_sub(10);
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ended_by(child), 0);
  kill(stopped, SIGKILL);
  EXPECT_EQ(ended_by(stopped), SIGKILL);
}

TEST_F(SharedFlightsTest, AnotherKeyOfTheSameLockIsNotWaitedFor) {
  const Digest other{9, kKey.low + kSlots};  // the same lock of kSlots
  const pid_t child = in_child([&] {
    const auto guard = flights_.take(other, seconds(1), nullptr);
    ++*count_;
    pause();
  });
  wait_for_count(1);
  const auto guard = flights_.take(kKey, seconds(60), nullptr);
  EXPECT_FALSE(guard.waited());
  kill(child, SIGKILL);
  EXPECT_EQ(ended_by(child), SIGKILL);
}

TEST_F(SharedFlightsTest, AClientWhoLeavesIsNotKeptWaiting) {
  const pid_t child = in_child([&] {
    const auto guard = flights_.take(kKey, seconds(1), nullptr);
    ++*count_;
    pause();
  });
  wait_for_count(1);
  Leaver client;
  const auto guard = flights_.take(kKey, seconds(600), &client);
  EXPECT_TRUE(guard.waited());
  kill(child, SIGKILL);
  EXPECT_EQ(ended_by(child), SIGKILL);
}

TEST(SharedFlightsWithoutTable, EveryTurnIsGranted) {
  const CrossProcessSingleFlight flights;
  const auto first = flights.take(kKey, seconds(1), nullptr);
  const auto second = flights.take(kKey, seconds(1), nullptr);
  EXPECT_FALSE(second.waited());
}

}  // namespace
}  // namespace iip

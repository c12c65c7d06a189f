#include "engine/base/background_threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/processes.h"

namespace iip {
namespace {

int priority() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST(BackgroundThreads, HaveALowerPriorityAndTheCallerKeepsItsOwn) {
  BackgroundThreads threads;
  const int mine = priority();
  ASSERT_LE(mine, 9) << "the test itself must have room below it";
  int theirs = mine;
  threads.run([&] { theirs = priority(); });
  EXPECT_EQ(theirs, mine + BackgroundThreads::kNice);
  EXPECT_EQ(priority(), mine);
}

TEST(BackgroundThreads, OfAProcessThatHasALowOneAlready) {
  const pid_t child = test::in_child([] {
    setpriority(PRIO_PROCESS, 0, 15);
    int theirs = 0;
    {
      BackgroundThreads threads;
      threads.run([&] { theirs = priority(); });
    }
    _exit(theirs == 19 ? 0 : 1);
  });
  EXPECT_EQ(test::ended_by(child), 0) << "19 is the lowest there is";
}

TEST(BackgroundThreads, WhatIsThrownComesOutAtTheCaller) {
  BackgroundThreads threads;
  const int mine = priority();
  EXPECT_THROW(threads.run([] { throw std::runtime_error("thrown"); }), std::runtime_error);
  EXPECT_EQ(priority(), mine);
  bool done = false;
  threads.run([&] { done = true; });
  EXPECT_TRUE(done) << "the thread goes on";
}

TEST(BackgroundThreads, AsManyAsThereIsWorkAtATime) {
  constexpr int kCallers = 5;
  BackgroundThreads threads;
  std::latch all_at_once(kCallers);
  std::mutex mutex;
  std::set<pid_t> seen;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        threads.run([&] {
          all_at_once.arrive_and_wait();
          const std::lock_guard lock(mutex);
          seen.insert(gettid());
        });
      });
    }
  }
  EXPECT_EQ(seen.size(), std::size_t{kCallers});
  for (int i = 0; i < 20; ++i) {
    pid_t thread = 0;
    threads.run([&] { thread = gettid(); });
    EXPECT_TRUE(seen.contains(thread)) << "one that is there is used again";
  }
}

TEST(BackgroundThreads, GetNoSignals) {
  BackgroundThreads threads;
  sigset_t before{};
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  sigset_t theirs{};
  threads.run([&] { pthread_sigmask(SIG_SETMASK, nullptr, &theirs); });
  EXPECT_EQ(sigismember(&theirs, SIGTERM), 1);
  sigset_t after{};
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}

}  // namespace
}  // namespace iip

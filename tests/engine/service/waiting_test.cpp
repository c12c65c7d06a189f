// What renders that wait for a place are made of: words that wake across processes, and whether a
// process is alive.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <new>
#include <thread>

#include "engine/cache/shared_block.h"
#include "engine/service/futex.h"
#include "engine/service/process_liveness.h"
#include "support/processes.h"

namespace iip::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

TEST(Futex, WakesAnotherProcess) {
  const auto block = SharedBlock::create(4096).value();
  auto* word = new (block.span().data()) FutexWord(0);
  const pid_t child = in_child([&] {
    const Clock::time_point end = Clock::now() + seconds(30);
    while (word->load() == 0 && Clock::now() < end) wait_for_change(*word, 0, seconds(60));
    _exit(word->load() == 1 && Clock::now() < end ? 0 : 1);
  });
  std::this_thread::sleep_for(milliseconds(100));
  word->store(1);
  wake_all(*word);
  EXPECT_EQ(ended_by(child), 0);
}

TEST(Futex, PatienceEnds) {
  FutexWord word = 0;
  const Clock::time_point start = Clock::now();
  wait_for_change(word, 0, milliseconds(50));
  EXPECT_GE(Clock::now() - start, milliseconds(45));
}

TEST(Futex, DoesNotWaitForWhatHasChanged) {
  FutexWord word = 1;
  const Clock::time_point start = Clock::now();
  wait_for_change(word, 0, seconds(60));
  EXPECT_LT(Clock::now() - start, seconds(30));
}

TEST(ProcessLiveness, TheLivingTheDeadAndZombies) {
  EXPECT_TRUE(is_process_alive(::getpid()));
  EXPECT_TRUE(is_process_alive(1)) << "another user's, perhaps";
  const pid_t child = in_child([] { pause(); });
  EXPECT_TRUE(is_process_alive(child));
  ::kill(child, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(is_process_alive(child)) << "a zombie";
  EXPECT_EQ(ended_by(child), SIGKILL);
  EXPECT_FALSE(is_process_alive(child));
}

}  // namespace
}  // namespace iip::test

// What a decoder does in its process stays there, whatever it is; and no process stays behind.
#include "engine/confined/helpers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "decoders.h"
#include "engine/confined/system_call_filter.h"
#include "support/instrumented.h"
#include "support/processes.h"

namespace iip::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Memory {
  MemoryPool pool{std::uint64_t{1} << 30U};
  MemoryBudget budget{pool, std::uint64_t{1} << 30U};
};

std::unique_ptr<Helpers> start_helpers(std::chrono::seconds most_processor_time = 10min) {
  auto helpers = Helpers::start(kDecoders, most_processor_time);
  if (!helpers) throw std::runtime_error(helpers.error().detail);
  return std::move(*helpers);
}

std::vector<pid_t> children_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream list("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

// Of /proc/PID/stat, counted from the state, which is the third; empty where there is none.
std::vector<std::string> status_of(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(stat, line);
  if (line.empty()) return {};
  std::istringstream words(line.substr(line.rfind(')') + 1));
  return {std::istream_iterator<std::string>(words), {}};
}

// Zombies are for others to bury.
bool is_alive(pid_t process) {
  const auto status = status_of(process);
  return !status.empty() && status.front() != "Z" && status.front() != "X";
}

template <class Done>
bool comes_true(Done done) {
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

template <class T>
std::vector<std::uint8_t> bytes_of(const T& value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

class HelpersTest : public ::testing::Test {
 protected:
  // The answer's bytes, or the error.
  Result<std::vector<std::uint8_t>> ask(std::size_t decoder,
                                        const std::vector<std::uint8_t>& question,
                                        const Deadline& deadline = {},
                                        std::uint64_t memory = 16U << 20U) {
    Memory of_request;
    const auto block = ConfinedBlock::create({question.size(), 1000}, of_request.budget).value();
    std::ranges::copy(question, block.question().begin());
    const Status status = helpers_->run({decoder, memory}, block, deadline);
    if (!status) return tl::unexpected(status.error());
    return std::vector<std::uint8_t>(block.answer().begin(), block.answer().end());
  }
  Result<std::vector<std::uint8_t>> ask(std::size_t decoder) { return ask(decoder, {1}); }

  void expect_error(const Result<std::vector<std::uint8_t>>& answer, ErrorKind kind,
                    const std::string& detail) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind);
    EXPECT_THAT(answer.error().detail, HasSubstr(detail));
    EXPECT_TRUE(works());
  }
  void expect_too_long(const Result<std::vector<std::uint8_t>>& answer, const std::string& detail) {
    expect_error(answer, ErrorKind::internal, detail);
    EXPECT_EQ(answer.error().message, "The picture took too long to make");
    EXPECT_TRUE(comes_true([&] { return !has_helper(); }));
  }
  bool works() {
    const auto answer = ask(kReverse, {1, 2, 3});
    return answer && (*answer)[0] == 3 && (*answer)[1] == 2 && (*answer)[2] == 1;
  }
  bool has_helper() { return !children_of(helpers_->parent()).empty(); }

  std::unique_ptr<Helpers> helpers_ = start_helpers();
};

TEST_F(HelpersTest, GiveTheDecodersAnswer) {
  EXPECT_TRUE(works());
  const auto answer = ask(kReverse, {1, 2, 3});
  EXPECT_EQ(std::ranges::count(*answer, 0), 997);
}

TEST_F(HelpersTest, GiveTheDecodersErrorInOneLine) {
  const auto answer = ask(kRefuse);
  expect_error(answer, ErrorKind::unsupported, "refuse: not?this x");
  EXPECT_LT(answer.error().detail.size(), 300U);
}

TEST_F(HelpersTest, SurviveAnAbort) {
  expect_error(ask(kAbort), ErrorKind::corrupt, "abort: the decoder ended by signal 6 (SIGABRT)");
}

TEST_F(HelpersTest, SurviveAnEnd) {
  expect_error(ask(kLeave, {0}), ErrorKind::internal, "ended without an answer");
  expect_error(ask(kLeave, {3}), ErrorKind::corrupt, "ended by itself with status 3");
}

TEST_F(HelpersTest, SurviveAnAccessThatFails) {
  // A sanitizer makes an exit of it.
  expect_error(ask(kTouch, bytes_of<std::uintptr_t>(8)), ErrorKind::corrupt,
               kIsInstrumented ? "the decoder ended" : "signal 11 (SIGSEGV)");
}

TEST_F(HelpersTest, SurviveOneThatIsKilled) {
  std::thread killer([&] {
    ASSERT_TRUE(comes_true([&] { return has_helper(); }));
    for (const pid_t helper : children_of(helpers_->parent())) ::kill(helper, SIGKILL);
  });
  const auto answer = ask(kSleep);
  killer.join();
  expect_error(answer, ErrorKind::corrupt, "signal 9 (SIGKILL)");
}

// One that waits takes no processor time, so it is the deadline that ends it.
TEST_F(HelpersTest, EndOneThatGivesNoAnswerInTime) {
  expect_too_long(ask(kSleep, {1}, Deadline::after(1s)),
                  "sleep: the decoder gave no answer within the time of one request");
}

// Without a deadline it is the limit of the system that ends one that works on.
TEST_F(HelpersTest, EndOneThatUsesUpItsProcessorTime) {
  helpers_ = start_helpers(1s);
  expect_too_long(ask(kSpin), "spin: the decoder used up the processor time of one request");
}

// With both, either may be met first. It is told as the same failure.
TEST_F(HelpersTest, EndOneThatWorksOn) {
  expect_too_long(ask(kSpin, {1}, Deadline::after(1s)), "of one request (IIPRenderTimeout)");
}

// What a decoder that was taken over does to go on: it has a second more.
TEST_F(HelpersTest, EndOneThatDoesNotHeedItsLimit) {
  helpers_ = start_helpers(1s);
  expect_error(ask(kSpinDeaf), ErrorKind::corrupt,
               "spin deaf: the decoder ended by signal 9 (SIGKILL)");
}

TEST_F(HelpersTest, EndOneWhoseClientHasLeft) {
  struct Gone : ClientWatch {
    bool gone() override { return questions++ > 3; }
    int questions = 0;
  } client;
  Deadline deadline;
  deadline.watch(&client);
  const auto answer = ask(kSleep, {1}, deadline);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::client_gone);
  EXPECT_TRUE(comes_true([&] { return !has_helper(); }));
}

TEST_F(HelpersTest, BoundTheMemory) {
  if (kIsInstrumented) GTEST_SKIP() << "takes terabytes of addresses itself";
  EXPECT_TRUE(ask(kAllocate, bytes_of<std::uint64_t>(15U << 20U)));
  EXPECT_TRUE(ask(kAllocate, bytes_of<std::uint64_t>(200U << 20U), {}, 200U << 20U));
  expect_error(ask(kAllocate, bytes_of<std::uint64_t>(200U << 20U)), ErrorKind::corrupt,
               "more memory was wanted");
}

TEST_F(HelpersTest, EndTheDecoderAtForbiddenSystemCalls) {
  if (!has_system_call_filter()) GTEST_SKIP() << "this system has no filters of system calls";
  const auto self = bytes_of(::getpid());
  for (const std::size_t decoder :
       {kOpenFile, kOpenSocket, kFork, kKillAnother, kAbortAnother, kMapCode}) {
    SCOPED_TRACE(kDecoders.at(decoder).name);
    expect_error(ask(decoder, self), ErrorKind::corrupt, "signal 31 (SIGSYS)");
  }
}

TEST_F(HelpersTest, HaveNoDescriptors) {
  const auto answer = ask(kCountDescriptors);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ((*answer)[0], 0);
}

// Nothing but the three streams that lead nowhere and its socket.
TEST_F(HelpersTest, HaveAParentWithoutDescriptors) {
  ASSERT_TRUE(works());
  const std::string folder = "/proc/" + std::to_string(helpers_->parent()) + "/fd";
  const std::multiset<std::string> expected{"/dev/null", "/dev/null", "/dev/null", "socket"};
  std::multiset<std::string> targets;
  std::error_code error;
  // That of the last helper is closed when its end was told.
  const bool came_true = comes_true([&] {
    targets.clear();
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      const std::string target = std::filesystem::read_symlink(entry, error);
      targets.insert(target.substr(0, target.find(':')));
    }
    return targets == expected || targets.empty();
  });
  if (targets.empty()) GTEST_SKIP() << "only root may look: " << error.message();
  EXPECT_TRUE(came_true) << ::testing::PrintToString(targets);
}

TEST_F(HelpersTest, DoNotHaveMemoryThatIsShared) {
  void* shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  *static_cast<std::uint8_t*>(shared) = 42;
  helpers_ = start_helpers();
  // Something else may be there by then.
  const auto answer = ask(kTouch, bytes_of(shared));
  EXPECT_TRUE(!answer || (*answer)[0] != 42);
  EXPECT_TRUE(works());
  ::munmap(shared, 4096);
}

TEST_F(HelpersTest, AreNotBelieved) {
  const auto answer = ask(kLie);
  expect_error(answer, ErrorKind::corrupt, "lie: ???");
  EXPECT_EQ(answer.error().detail.find('\n'), std::string::npos);
  EXPECT_LT(answer.error().detail.size(), 300U);
}

TEST_F(HelpersTest, AreCounted) {
  HelperCounters counters;
  helpers_ = Helpers::start(kDecoders, Helpers::kMostProcessorTime, &counters).value();
  const auto counts = [&] {
    return std::array<std::uint64_t, 4>{counters.started, counters.ended_by_signal,
                                        counters.ended_by_deadline, counters.refused};
  };
  EXPECT_TRUE(works());
  EXPECT_FALSE(ask(kRefuse));
  EXPECT_THAT(counts(), ::testing::ElementsAre(2, 0, 0, 0));
  EXPECT_FALSE(ask(kAbort));
  EXPECT_THAT(counts(), ::testing::ElementsAre(3, 1, 0, 0));
  EXPECT_FALSE(ask(kSleep, {1}, Deadline::after(1s)));
  EXPECT_THAT(counts(), ::testing::ElementsAre(4, 1, 1, 0));
  ::kill(helpers_->parent(), SIGKILL);
  EXPECT_FALSE(ask(kReverse));
  EXPECT_THAT(counts(), ::testing::ElementsAre(4, 1, 1, 1));
}

TEST_F(HelpersTest, ServeManyThreads) {
  constexpr int kThreads = 6;
  constexpr int kQuestions = 20;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kQuestions; ++j) {
        if (works()) ++right;
        if (!ask(kAbort)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 2 * kThreads * kQuestions);
  EXPECT_TRUE(comes_true([&] { return !has_helper(); }));
}

// Of one that gives way to others, the helper does, too.
TEST_F(HelpersTest, HaveThePriorityOfWhoAsks) {
  constexpr std::size_t kNiceField = 16;
  // Leaves when the helper was seen.
  struct Leaving : ClientWatch {
    bool gone() override { return leaves; }
    std::atomic<bool> leaves = false;
  } client;
  std::string nice;
  std::thread asker([&] {
    ASSERT_EQ(::setpriority(PRIO_PROCESS, 0, 7), 0);
    Deadline deadline;
    deadline.watch(&client);
    EXPECT_FALSE(ask(kSleep, {1}, deadline));
  });
  EXPECT_TRUE(comes_true([&] {
    for (const pid_t helper : children_of(helpers_->parent())) {
      const auto status = status_of(helper);
      if (status.size() > kNiceField) nice = status[kNiceField];
    }
    return nice == "7";
  })) << nice;
  client.leaves = true;
  asker.join();
}

TEST_F(HelpersTest, EndWithTheirOwner) {
  const pid_t parent = helpers_->parent();
  EXPECT_TRUE(is_alive(parent));
  helpers_.reset();
  EXPECT_TRUE(status_of(parent).empty());  // not even a zombie
}

// Whatever a server sends to its process group, and to all of its processes.
TEST_F(HelpersTest, LeaveTheServersSignalsAlone) {
  const pid_t parent = helpers_->parent();
  EXPECT_TRUE(works());  // it is set up by now
  EXPECT_NE(::getpgid(parent), ::getpgrp());
  for (const int number : {SIGTERM, SIGHUP, SIGUSR1, SIGWINCH, SIGINT}) ::kill(parent, number);
  EXPECT_TRUE(works());
}

TEST_F(HelpersTest, SayWhenTheirParentWasKilled) {
  ::kill(helpers_->parent(), SIGKILL);
  for (int i = 0; i < 2; ++i) {
    const auto answer = ask(kReverse);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::busy);
    EXPECT_THAT(answer.error().detail, HasSubstr("the parent of helpers"));
  }
}

TEST(HelpersOfAProcess, EndWhenItIsKilled) {
  auto* shared = static_cast<std::atomic<pid_t>*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t owner = in_child([&] {
    const auto helpers = start_helpers();
    *shared = helpers->parent();
    Memory memory;
    const auto block = ConfinedBlock::create({1, 1}, memory.budget).value();
    static_cast<void>(helpers->run({kSleep, 1U << 20U}, block, {}));
  });
  ASSERT_TRUE(comes_true([&] { return *shared != 0 && !children_of(*shared).empty(); }));
  const pid_t helper = children_of(*shared).front();
  ::kill(owner, SIGKILL);
  EXPECT_EQ(ended_by(owner), SIGKILL);
  EXPECT_TRUE(comes_true([&] { return !is_alive(*shared) && !is_alive(helper); }));
  ::munmap(shared, 4096);
}

TEST(ConfinedBlockTest, IsCounted) {
  MemoryPool pool(1U << 20U);
  MemoryBudget budget(pool, pool.limit());
  {
    const auto block = ConfinedBlock::create({1000, 2000}, budget).value();
    EXPECT_GE(budget.used(), 3000U);
    EXPECT_EQ(block.question().size(), 1000U);
    EXPECT_EQ(block.answer().size(), 2000U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.answer().data()) % 64, 0U);
  }
  EXPECT_EQ(budget.used(), 0U);
  const auto too_large = ConfinedBlock::create({1, 1U << 20U}, budget);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().kind, ErrorKind::too_large);
  EXPECT_EQ(ConfinedBlock::create({~std::uint64_t{0}, 1}, budget).error().kind,
            ErrorKind::too_large);
}

TEST(ConfinedBlockTest, CanNotBeMadeSmaller) {
  Memory memory;
  const auto block = ConfinedBlock::create({10, 10'000}, memory.budget).value();
  EXPECT_NE(::ftruncate(block.descriptor(), 0), 0);
  EXPECT_NE(::ftruncate(block.descriptor(), 1 << 20), 0);
}

}  // namespace
}  // namespace iip::test

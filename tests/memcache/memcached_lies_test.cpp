// The memcached tier against a server that lies. Whatever it says, and when: a find gives the right
// tile or none, in time; a store gets through or does not; and the connection on which it was said
// is not used again, so that the next question gets its own answer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <fstream>
#include <ostream>

#include "memcached_support.h"

namespace iip {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kDeadline = 150ms;
constexpr auto kSoon = 10s;

struct Lie {
  const char* name;
  FakeMemcached::Behaviour tell;
  bool is_late = false;  // the first answer may be honest; it is the next one that must not be hit
};

std::string value_line(const FakeRequest& request, const std::string& key,
                       const std::string& size) {
  return "VALUE " + key + " 0 " + size + "\r\n" + request.value;
}

std::string honest(const FakeRequest& request) {
  if (request.is_set) return "STORED\r\n";
  return value_line(request, request.key, std::to_string(request.value.size())) + "\r\nEND\r\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

FakeMemcached::Behaviour says(std::string (*reply)(const FakeRequest&)) {
  return [reply](FakeClient& client, const FakeRequest& request) { client.say(reply(request)); };
}

// To both, get and set.
const Lie kLies[] = {
    {"NothingAtAll", [](FakeClient& client, const FakeRequest&) { client.be_silent(); }},
    {"HangsUp", [](FakeClient& client, const FakeRequest&) { client.hang_up(); }},
    {"DripsTheAnswer",
     [](FakeClient& client, const FakeRequest& request) { client.drip(honest(request), 30ms); }},
    {"AnswersTooLate",
     [](FakeClient& client, const FakeRequest& request) {
       std::this_thread::sleep_for(3 * kDeadline);
       client.say(honest(request));
     }},
    {"SpeaksHttp", says([](const FakeRequest&) {
       return std::string("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
     })},
    {"Error", says([](const FakeRequest&) { return std::string("ERROR\r\n"); })},
    {"ClientError",
     says([](const FakeRequest&) { return std::string("CLIENT_ERROR bad data chunk\r\n"); })},
    {"AnEmptyLine", says([](const FakeRequest&) { return std::string("\r\n"); })},
    {"ZeroBytes", says([](const FakeRequest&) { return std::string(1000, '\0'); })},
    {"LineFeedsOnly",
     [](FakeClient& client, const FakeRequest& request) {
       client.say(replaced(honest(request), "\r\n", "\n"));
       client.be_silent();
     }},
    {"ALineWithoutEnd",
     [](FakeClient& client, const FakeRequest&) { client.pour(std::string(4096, 'A')); }},
    {"HalfTheAnswerThenHangsUp",
     [](FakeClient& client, const FakeRequest& request) {
       const std::string reply = honest(request);
       client.say(reply.substr(0, reply.size() / 2));
       client.hang_up();
     }},
    {"HalfTheAnswerThenNothing",
     [](FakeClient& client, const FakeRequest& request) {
       const std::string reply = honest(request);
       client.say(reply.substr(0, reply.size() / 2));
       client.be_silent();
     }},
    {"TheAnswerTwice",
     says([](const FakeRequest& request) { return honest(request) + honest(request); }), true},
    {"AnswersToTheOtherCommand", says([](const FakeRequest& request) {
       return request.is_set ? std::string("END\r\n") : std::string("STORED\r\n");
     })},
    {"OneStrayAnswerMore",
     // So that each later answer would be that to the question before.
     says([](const FakeRequest& request) { return "END\r\n" + honest(request); })},
    {"ManyAnswers",
     [](FakeClient& client, const FakeRequest& request) { client.pour(honest(request)); }, true},
};

// To get alone, which has more to lie about.
const Lie kLiesAboutValues[] = {
    {"AnotherKey", says([](const FakeRequest& request) {
       const std::string size = std::to_string(request.value.size());
       return value_line(request, "iip:someone-elses", size) + "\r\nEND\r\n";
     })},
    {"NoFlagsAndSize", says([](const FakeRequest& request) {
       return "VALUE " + request.key + "\r\n" + request.value + "\r\nEND\r\n";
     })},
    {"NoSize", says([](const FakeRequest& request) {
       return "VALUE " + request.key + " 0\r\n" + request.value + "\r\nEND\r\n";
     })},
    {"NegativeSize", says([](const FakeRequest& request) {
       return value_line(request, request.key, "-1") + "\r\nEND\r\n";
     })},
    {"HugeSize", says([](const FakeRequest& request) {
       return value_line(request, request.key, "9000000000000000000");
     })},
    {"SizeBeyondNumbers", says([](const FakeRequest& request) {
       return value_line(request, request.key, std::string(30, '9'));
     })},
    {"FourGigabytes",
     [](FakeClient& client, const FakeRequest& request) {
       client.say(value_line(request, request.key, "4000000000"));
       client.pour(std::string(65536, 'x'));
     }},
    {"SizeTooLarge", says([](const FakeRequest& request) {
       const std::string size = std::to_string(request.value.size() + 1);
       return value_line(request, request.key, size) + "\r\nEND\r\n";
     })},
    {"SizeTooSmall", says([](const FakeRequest& request) {
       const std::string size = std::to_string(request.value.size() - 1);
       return value_line(request, request.key, size) + "\r\nEND\r\n";
     })},
    {"SizeOfNothing", says([](const FakeRequest& request) {
       return value_line(request, request.key, "0") + "\r\nEND\r\n";
     })},
    {"NoLineEndBehindTheValue", says([](const FakeRequest& request) {
       const std::string size = std::to_string(request.value.size());
       return value_line(request, request.key, size) + "xxEND\r\n";
     })},
    {"NoEnd", says([](const FakeRequest& request) {
       const std::string size = std::to_string(request.value.size());
       return value_line(request, request.key, size) + "\r\nXXX\r\n";
     })},
    {"AnEmptyValue", says([](const FakeRequest& request) {
       return "VALUE " + request.key + " 0 0\r\n\r\nEND\r\n";
     })},
    {"AnotherValue", says([](const FakeRequest& request) {
       return "VALUE " + request.key + " 0 5\r\nhello\r\nEND\r\n";
     })},
    {"AValueThatIsCutShort", says([](const FakeRequest& request) {
       FakeRequest cut = request;
       cut.value.resize(cut.value.size() / 2);
       return honest(cut);
     })},
    {"AValueWithOneBitChanged", says([](const FakeRequest& request) {
       FakeRequest damaged = request;
       damaged.value[damaged.value.size() / 2] ^= 1;
       return honest(damaged);
     })},
};

// The state of the connection when the lie is told.
enum class Connection { fresh, used };

struct Case {
  Lie lie;
  Connection connection;
};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.lie.name) +
         (info.param.connection == Connection::fresh ? "_Fresh" : "_Used");
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.lie.name; }

std::vector<Case> cases(std::span<const Lie> lies) {
  std::vector<Case> all;
  for (const Lie& lie : lies) {
    for (const Connection connection : {Connection::fresh, Connection::used}) {
      all.push_back({lie, connection});
    }
  }
  return all;
}

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

class MemcachedLies : public testing::TestWithParam<Case> {
 protected:
  static Tier::Options options() {
    Tier::Options some;
    some.deadline = kDeadline;
    some.limits = {100ms, kDeadline};
    return some;
  }

  // The server has tiles 0 to 9, put there by another machine.
  void SetUp() override {
    Tier other({server_.name()});
    for (int i = 0; i < 10; ++i) store_tile(other, i);
    ASSERT_TRUE(other.settle());
    ASSERT_EQ(other.counters().stored, 10U);
    if (GetParam().connection == Connection::used) {
      ASSERT_TRUE(comes(0));
    }
    answered_ = answered();
    resident_ = resident_bytes();
    start_ = Clock::now();
  }

  // And nothing of it lingers.
  void TearDown() override {
    EXPECT_LT(Clock::now() - start_, kSoon);
    EXPECT_LT(resident_bytes(), resident_ + (std::size_t{64} << 20));
    server_.behave({});
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(comes(i)) << i;
  }

  // Asks until the tile is there: on a busy machine an honest answer may miss the deadline.
  bool comes(int tile) {
    return wait_for([this, tile] {
      const Found found = find_tile(tier_, tile);
      EXPECT_NE(found, Found::wrong);
      return found == Found::hit;
    });
  }

  // Questions to the server that were not plain misses.
  std::uint64_t answered() const {
    const MemcachedCounters& c = tier_.counters();
    return c.bad + c.timeouts + c.broken + c.hits;
  }

  FakeMemcached server_;
  Tier tier_{{server_.name()}, options()};
  std::uint64_t answered_ = 0;
  std::size_t resident_ = 0;
  Clock::time_point start_;
};

class MemcachedLiesToGet : public MemcachedLies {};
class MemcachedLiesToSet : public MemcachedLies {};

TEST_P(MemcachedLiesToGet, AreMisses) {
  server_.behave(GetParam().lie.tell);
  for (const int tile : {1, 2}) {
    const Found found = find_tile(tier_, tile);
    EXPECT_NE(found, Found::wrong);
    if (!GetParam().lie.is_late) {
      EXPECT_EQ(found, Found::miss);
    }
  }
  EXPECT_EQ(answered() - answered_, 2U);
}

TEST_P(MemcachedLiesToSet, LoseTheTileAndNothingElse) {
  server_.behave(GetParam().lie.tell);
  store_tile(tier_, 20);
  store_tile(tier_, 21);
  ASSERT_TRUE(tier_.settle());
  EXPECT_EQ(tier_.counters().stored + tier_.counters().dropped, 2U);
  if (!GetParam().lie.is_late) {
    EXPECT_EQ(tier_.counters().stored, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Lies, MemcachedLiesToGet, testing::ValuesIn(cases(kLies)), case_name);
INSTANTIATE_TEST_SUITE_P(LiesAboutValues, MemcachedLiesToGet,
                         testing::ValuesIn(cases(kLiesAboutValues)), case_name);
INSTANTIATE_TEST_SUITE_P(Lies, MemcachedLiesToSet, testing::ValuesIn(cases(kLies)), case_name);

// An answer that comes after the deadline must not be taken for that to the next question.
TEST(MemcachedLateAnswers, NeverMeetTheNextQuestion) {
  FakeMemcached server;
  Tier::Options options;
  options.deadline = 50ms;
  options.limits.rest = 20ms;
  Tier tier({server.name()}, options);
  for (int i = 0; i < 10; ++i) store_tile(tier, i);
  ASSERT_TRUE(tier.settle());
  std::atomic<int> asked = 0;
  server.behave([&asked](FakeClient& client, const FakeRequest& request) {
    if (asked++ % 3 == 0) std::this_thread::sleep_for(75ms);
    FakeMemcached::be_honest(client, request);
  });
  for (int i = 0; i < 60; ++i) EXPECT_NE(find_tile(tier, i % 10), Found::wrong) << i;
  EXPECT_GT(tier.counters().timeouts, 2U);
  EXPECT_EQ(tier.counters().bad, 0U);
}

// A peer that accepts connections and never reads: the value does not fit into the socket's
// buffers.
TEST(MemcachedLateAnswers, AServerThatDoesNotRead) {
  RealMemcached server;
  Tier::Options options;
  options.deadline = kDeadline;
  options.limits = {100ms, kDeadline};
  Tier tier({server.name()}, options);
  server.stop();
  const auto start = Clock::now();
  for (int i = 0; i < 8; ++i) store_tile(tier, i, 900'000);
  ASSERT_TRUE(tier.settle());
  EXPECT_LT(Clock::now() - start, kSoon);
  EXPECT_EQ(tier.counters().stored, 0U);
}

// A server that answers the probe and then stalls costs one wait each time, and no line in the log.
TEST(MemcachedProbe, OneThatAnswersNothingElse) {
  FakeMemcached server;
  Tier::Options options;
  options.deadline = 50ms;
  options.limits = {50ms, 1000ms};
  Tier tier({server.name()}, options);
  server.behave([](FakeClient& client, const FakeRequest& request) {
    if (request.key == "iip:probe") {
      client.say("END\r\n");
    } else {
      client.be_silent();
    }
  });
  // Three to begin with, and then one for each rest and wait.
  const auto start = Clock::now();
  const bool often_enough = wait_for([&] {
    EXPECT_EQ(find_tile(tier, 1), Found::miss);
    return Clock::now() - start > 600ms && tier.counters().timeouts >= 4;
  });
  EXPECT_TRUE(often_enough);
  const auto most = 4 + (Clock::now() - start) / (options.limits.rest + options.deadline);
  EXPECT_LE(tier.counters().timeouts, static_cast<std::uint64_t>(most));
  EXPECT_EQ(tier.log.lines().size(), 1U);
}

}  // namespace
}  // namespace iip

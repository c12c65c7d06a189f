// Servers that send without end: the call is over when more has come than they can have been asked
// for, however fast they are and however much time the call had left.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "memcached_support.h"

namespace iip {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A flood that nobody ends goes on until then.
constexpr auto kPatience = 2s;

// A line of /proc/self/status, in bytes.
std::size_t status_of_memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// From now on VmHWM, the most memory that has been resident, counts anew (proc(5)).
void forget_the_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

struct Flood {
  const char* name;
  FakeMemcached::Behaviour tell;
};

void PrintTo(const Flood& flood, std::ostream* out) { *out << flood.name; }

const Flood kFloods[] = {
    {"OneValue",
     [](FakeClient& client, const FakeRequest& request) {
       client.say("VALUE " + request.key + " 0 4000000000\r\n");
       client.pour(std::string(65536, 'x'));
     }},
    {"TheSameValueOverAndOver",
     [](FakeClient& client, const FakeRequest& request) {
       client.pour("VALUE " + request.key + " 0 900000\r\n" + std::string(900'000, 'x') + "\r\n");
     }},
    {"PiecesOfOneByte",
     [](FakeClient& client, const FakeRequest& request) {
       client.say("VALUE " + request.key + " 0 4000000000\r\n");
       client.pour("x");
     }},
};

class MemcachedFloods : public testing::TestWithParam<Flood> {
 protected:
  void SetUp() override {
    server_.behave(GetParam().tell);
    ASSERT_EQ(session_.open(look_up(*parse_server_name(server_.name(), 0)).at(0)),
              MemcachedSession::Outcome::done);
    before_ = status_of_memory("VmRSS");
    forget_the_peak();
    start_ = Clock::now();
  }

  void expect_it_was_ended() {
    EXPECT_LT(Clock::now() - start_, kPatience);
    EXPECT_LT(status_of_memory("VmHWM"), before_ + (std::size_t{64} << 20));
    EXPECT_FALSE(session_.is_usable());
  }

  FakeMemcached server_;
  CallClock clock_;
  Mutex opening_;
  MemcachedSession session_{clock_, opening_};
  std::size_t before_ = 0;
  Clock::time_point start_;
};

TEST_P(MemcachedFloods, EndAGet) {
  MemcachedLookup lookup{"iip:k", std::nullopt};
  MemcachedLookup* const lookups[] = {&lookup};
  EXPECT_EQ(session_.get(lookups, start_ + kPatience), MemcachedSession::Outcome::broken);
  expect_it_was_ended();
}

std::string name_of(const testing::TestParamInfo<Flood>& flood) { return flood.param.name; }

INSTANTIATE_TEST_SUITE_P(All, MemcachedFloods, testing::ValuesIn(kFloods), name_of);

// As much as can have been asked for: the longest call, for the largest values.
TEST(MemcachedFlood, TheLongestReplyIsNone) {
  const RealMemcached server({"-m", "256"});
  CallClock clock;
  Mutex opening;
  MemcachedSession session(clock, opening);
  ASSERT_EQ(session.open(look_up(*parse_server_name(server.name(), 0)).at(0)),
            MemcachedSession::Outcome::done);
  std::string value(kLargestMemcachedValue, 'x');
  std::vector<MemcachedLookup> lookups;
  for (int i = 0; i < 16; ++i) {
    lookups.push_back({"iip:" + std::to_string(i), std::nullopt});
    ASSERT_EQ(session.set(lookups.back().key, 0, bytes_of(value), Clock::now() + 9s),
              MemcachedSession::Outcome::done);
  }
  std::vector<MemcachedLookup*> all;
  all.reserve(lookups.size());
  for (MemcachedLookup& lookup : lookups) all.push_back(&lookup);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(session.get(all, Clock::now() + 9s), MemcachedSession::Outcome::done);
    for (const MemcachedLookup& lookup : lookups) {
      ASSERT_TRUE(lookup.value && lookup.value->size() == kLargestMemcachedValue);
    }
  }
}

// ---- The count ----

// The two ends of a connection over TCP, or in the file system.
class Ends {
 public:
  explicit Ends(bool is_tcp) {
    if (!is_tcp) {
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
      return;
    }
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener, any, length) + ::listen(listener, 1), 0);
    ::getsockname(listener, any, &length);
    ends_[0] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(ends_[0], any, length), 0);
    ends_[1] = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    ::close(listener);
  }
  ~Ends() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  int ours() const { return ends_[0]; }
  // Sent by the other end, and read by ours.
  void bring(std::size_t length) const {
    std::string text(length, 'x');
    EXPECT_EQ(::send(ends_[1], text.data(), length, MSG_NOSIGNAL), static_cast<ssize_t>(length));
    EXPECT_EQ(::recv(ends_[0], text.data(), length, MSG_WAITALL), static_cast<ssize_t>(length));
  }

 private:
  int ends_[2] = {-1, -1};
};

TEST(LibrarySocket, CountsWhatHasArrived) {
  for (const bool is_tcp : {true, false}) {
    const Ends ends(is_tcp);
    LibrarySocket socket;
    ASSERT_TRUE(socket.watch(ends.ours()));
    ends.bring(3000);
    for (int call = 0; call < 3; ++call) {
      socket.count_anew();
      EXPECT_EQ(socket.arrived(), 0U);
      ends.bring(5000);
      const std::uint64_t first = socket.arrived();
      EXPECT_GE(first, 5000U);
      EXPECT_LE(first, 5000U + 8 * kLeastSegment);
      for (int i = 0; i < 50; ++i) ends.bring(1);
      const std::uint64_t pieces = socket.arrived() - first;
      EXPECT_EQ(pieces, 50U * (is_tcp ? 1 + kLeastSegment : 1));
    }
  }
}

}  // namespace
}  // namespace iip

// Sessions and what they leave behind: nothing.
#include "httpd/memcache/memcached_session.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "engine/base/mutex.h"
#include "memcached_support.h"
#include "support/instrumented.h"

namespace iip {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::ptrdiff_t entries(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder),
                       std::filesystem::directory_iterator());
}

std::ptrdiff_t descriptors() { return entries("/proc/self/fd"); }
std::ptrdiff_t threads() { return entries("/proc/self/task"); }

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

TEST(MemcachedSession, SpeaksIpv6) {
  const RealMemcached server({}, {}, "::1");
  Tier tier({server.name()});
  store_tile(tier, 1);
  ASSERT_TRUE(tier.settle());
  EXPECT_EQ(tier.counters().stored, 1U);
  EXPECT_EQ(find_tile(tier, 1), Found::hit);
  EXPECT_TRUE(tier.log.lines().empty());
}

// memcached is often known by another path than it was started with: one with a link in it, or one
// of another container.
TEST(MemcachedSession, KnowsASocketByAnyPath) {
  std::string folder = std::filesystem::temp_directory_path() / "iip-memcached-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  {
    const RealMemcached server({"-a", "0777"}, folder + "/socket");
    std::filesystem::create_symlink("socket", folder + "/link");
    Tier tier({folder + "/link"});
    store_tile(tier, 1);
    EXPECT_TRUE(tier.settle());
    EXPECT_EQ(find_tile(tier, 1), Found::hit);
  }
  std::filesystem::remove_all(folder);
}

// Two that connect at the same time, and other connections to the same server: each finds its own.
TEST(MemcachedSession, FindsItsConnectionAmongOthers) {
  const RealMemcached server;
  CallClock clock;
  Mutex opening;
  const SocketAddress address = look_up(*parse_server_name(server.name(), 0)).at(0);
  std::vector<std::thread> all;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    all.emplace_back([&, t] {
      MemcachedSession session(clock, opening);
      for (int i = 0; i < 50; ++i) {
        if (session.open(address) != MemcachedSession::Outcome::done) continue;
        std::string value = std::to_string(t);
        const auto until = Clock::now() + 9s;
        const bool well = session.set("iip:" + value, 0, bytes_of(value), until) ==
                          MemcachedSession::Outcome::done;
        right += well && session.is_usable();
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  EXPECT_EQ(right, 200);
}

// The clock ends the call, and no other connection of the process.
TEST(MemcachedSession, OnlyTheStalledOneIsShutDown) {
  RealMemcached stalled;
  const RealMemcached well;
  CallClock clock;
  Mutex opening;
  MemcachedSession one(clock, opening);
  MemcachedSession other(clock, opening);
  ASSERT_EQ(one.open(look_up(*parse_server_name(stalled.name(), 0)).at(0)),
            MemcachedSession::Outcome::done);
  ASSERT_EQ(other.open(look_up(*parse_server_name(well.name(), 0)).at(0)),
            MemcachedSession::Outcome::done);
  stalled.stop();
  std::string value(900'000, 'x');
  const auto start = Clock::now();
  EXPECT_EQ(one.set("iip:k", 0, bytes_of(value), start + 200ms), MemcachedSession::Outcome::slow);
  EXPECT_LT(Clock::now() - start, 5s);
  EXPECT_TRUE(other.is_usable());
  EXPECT_EQ(other.set("iip:k", 0, bytes_of(value), Clock::now() + 9s),
            MemcachedSession::Outcome::done);
}

// A port that swallows every packet, as a firewall makes it: a listener whose queue is full.
class Swallows {
 public:
  Swallows() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof any;
    auto* address = reinterpret_cast<sockaddr*>(&any);
    EXPECT_EQ(::bind(listener_, address, length), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    ::getsockname(listener_, address, &length);
    for (int& fd : clients_) {
      fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      ::connect(fd, address, length);
    }
    name_ = "127.0.0.1:" + std::to_string(ntohs(any.sin_port));
  }
  ~Swallows() {
    for (const int fd : clients_) ::close(fd);
    ::close(listener_);
  }
  Swallows(const Swallows&) = delete;
  Swallows& operator=(const Swallows&) = delete;

  const std::string& name() const { return name_; }

 private:
  int listener_;
  int clients_[4] = {};
  std::string name_;
};

// Requests wait for no connection, and the end does for a second at most.
TEST(MemcachedSession, AServerThatSwallowsConnections) {
  const Swallows server;
  Tier::Options options;
  options.deadline = 25ms;
  auto tier = std::make_unique<Tier>(std::vector{server.name()}, options);
  for (int i = 0; i < 5; ++i) {
    const auto start = Clock::now();
    EXPECT_EQ(find_tile(*tier, i), Found::miss);
    EXPECT_LT(Clock::now() - start, 700ms);
  }
  EXPECT_EQ(tier->store->servers()[0]->state(), Breaker::State::open);
  const auto start = Clock::now();
  tier.reset();
  EXPECT_LT(Clock::now() - start, 1500ms);
}

// A child that ends while a call waits for a server that has stalled does not wait with it.
TEST(MemcachedSession, EndsAtOnceInAStalledCall) {
  RealMemcached server;
  Tier::Options options;
  options.limits.patience = 60'000ms;
  auto tier = std::make_unique<Tier>(std::vector{server.name()}, options);
  store_tile(*tier, 1);
  ASSERT_TRUE(tier->settle());
  server.stop();
  for (int i = 0; i < 8; ++i) store_tile(*tier, i, 900'000);
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(tier->counters().stored, 1U) << "it is still on its way";
  const auto start = Clock::now();
  tier.reset();
  EXPECT_LT(Clock::now() - start, 1s);
}

// What a stalled server costs a child, and the next one, and so on: IIP_LIVES=1000 for longer.
TEST(MemcachedSession, LivesLeaveNothingBehind) {
  const char* const lives_text = std::getenv("IIP_LIVES");
  const int lives = lives_text ? std::atoi(lives_text) : 30;
  RealMemcached stalled;
  FakeMemcached floods;
  floods.behave([](FakeClient& client, const FakeRequest& request) {
    client.say("VALUE " + request.key + " 0 4000000000\r\n");
    client.pour(std::string(65536, 'x'));
  });
  stalled.stop();
  const auto live = [&] {
    Tier::Options options;
    options.deadline = 10ms;
    options.limits = {5ms, 60ms};
    Tier tier({stalled.name(), floods.name()}, options);
    for (int i = 0; i < 8; ++i) {
      find_tile(tier, i);
      store_tile(tier, i, 100'000);
    }
  };
  for (int i = 0; i < 5; ++i) live();
  floods.forget();
  const auto open_before = descriptors();
  const auto threads_before = threads();
  const auto resident_before = resident_bytes();
  for (int i = 1; i <= lives; ++i) {
    live();
    floods.forget();
    if (i % 100 == 0) {
      // It accepts those that wait, for whom the system has room for so long only.
      stalled.resume();
      EXPECT_TRUE(stalled.ask("version\r\n").starts_with("VERSION"));
      stalled.stop();
    }
  }
  std::cout << lives << " lives: " << open_before << " to " << descriptors() << " descriptors, "
            << threads_before << " to " << threads() << " threads, " << resident_before / 1024
            << " to " << resident_bytes() / 1024 << " kB of memory\n";
  EXPECT_EQ(descriptors(), open_before);
  EXPECT_EQ(threads(), threads_before);
  // Sanitizers hold back what was freed.
  if (!test::kIsInstrumented) {
    EXPECT_LT(resident_bytes(), resident_before + (std::size_t{64} << 20));
  }
  stalled.resume();
}

}  // namespace
}  // namespace iip

// Replies that are not what memcached says (its doc/protocol.txt), or only nearly: no value comes
// of them, no tile counts as stored, and afterwards the server is asked as if nothing had been.
#include <gtest/gtest.h>

#include <mutex>
#include <string>

#include "engine/base/mutex.h"
#include "memcached_support.h"

namespace iip {
namespace {

using namespace std::chrono_literals;

class MemcachedReplies : public testing::Test {
 protected:
  MemcachedReplies() {
    server_.behave([this](FakeClient& client, const FakeRequest& request) {
      const std::lock_guard lock(mutex_);
      last_ = request;
      if (reply_.empty()) {
        FakeMemcached::be_honest(client, request);
      } else {
        client.say(reply_);
        if (is_end_) client.hang_up();
      }
    });
  }

  // Everything is answered by `reply`; nothing more comes then where `is_end`.
  void say(std::string reply, bool is_end = false) {
    const std::lock_guard lock(mutex_);
    reply_ = std::move(reply);
    is_end_ = is_end;
  }

  MemcachedSession::Outcome get(const std::string& key, std::string* value = nullptr) {
    MemcachedLookup lookup{key, std::nullopt};
    MemcachedLookup* const lookups[] = {&lookup};
    auto outcome = MemcachedSession::Outcome::silent;
    // The library gives the server 50 ms for the first byte, which may not do on a busy machine.
    for (int i = 0; i < 20 && outcome == MemcachedSession::Outcome::silent; ++i) {
      if (!session_.is_usable() && !open()) return MemcachedSession::Outcome::broken;
      outcome = session_.get(lookups, CallClock::Clock::now() + patience_);
    }
    has_value_ = outcome == MemcachedSession::Outcome::done && lookup.value;
    if (value && has_value_) value->assign(lookup.value->begin(), lookup.value->end());
    return outcome;
  }

  MemcachedSession::Outcome set(const std::string& key, std::string value,
                                std::uint32_t expiry = 86400) {
    if (!session_.is_usable() && !open()) return MemcachedSession::Outcome::broken;
    return session_.set(key, expiry, bytes_of(value), CallClock::Clock::now() + patience_);
  }

  bool open() {
    const SocketAddress address = look_up(*parse_server_name(server_.name(), 0)).at(0);
    return session_.open(address) == MemcachedSession::Outcome::done;
  }

  // An honest answer comes as ever.
  void expect_it_is_well() {
    say("");
    EXPECT_EQ(set("iip:other", "more"), MemcachedSession::Outcome::done);
    std::string value;
    EXPECT_EQ(get("iip:other", &value), MemcachedSession::Outcome::done);
    EXPECT_EQ(value, "more");
  }

  std::mutex mutex_;
  std::string reply_;
  bool is_end_ = false;
  FakeRequest last_;
  bool has_value_ = false;
  std::chrono::milliseconds patience_ = 9s;
  FakeMemcached server_;
  CallClock clock_;
  Mutex opening_;
  MemcachedSession session_{clock_, opening_};
};

TEST_F(MemcachedReplies, Values) {
  for (const std::string& value :
       {std::string("hello"), std::string("END\r\n\r\n"), std::string(), std::string("\r\n"),
        std::string(3, '\0'), std::string(kLargestMemcachedValue, 'x')}) {
    EXPECT_EQ(set("iip:k", value), MemcachedSession::Outcome::done);
    std::string found = "none";
    EXPECT_EQ(get("iip:k", &found), MemcachedSession::Outcome::done);
    EXPECT_EQ(found, value);
  }
  std::string found;
  say("VALUE iip:k 4294967295 7\r\nEND\r\n\r\n\r\nEND\r\n");
  EXPECT_EQ(get("iip:k", &found), MemcachedSession::Outcome::done);
  EXPECT_EQ(found, "END\r\n\r\n");
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(MemcachedReplies, Misses) {
  EXPECT_EQ(get("iip:k"), MemcachedSession::Outcome::done);
  EXPECT_FALSE(has_value_);
}

// Each key of the longest call gets its own answer, also where two ask for the same one.
TEST_F(MemcachedReplies, ManyQuestionsInOneCall) {
  const RealMemcached real;
  const SocketAddress address = look_up(*parse_server_name(real.name(), 0)).at(0);
  ASSERT_EQ(session_.open(address), MemcachedSession::Outcome::done);
  std::vector<MemcachedLookup> lookups;
  for (int i = 0; i < 40; ++i) {
    std::string value = "value of " + std::to_string(i);
    if (i % 3 != 0) {
      EXPECT_EQ(session_.set("iip:" + std::to_string(i), 0, bytes_of(value),
                             CallClock::Clock::now() + 9s),
                MemcachedSession::Outcome::done);
    }
    lookups.push_back({"iip:" + std::to_string(i), std::nullopt});
  }
  lookups.push_back(lookups[1]);
  std::vector<MemcachedLookup*> all;
  all.reserve(lookups.size());
  for (MemcachedLookup& lookup : lookups) all.push_back(&lookup);
  ASSERT_EQ(session_.get(all, CallClock::Clock::now() + 9s), MemcachedSession::Outcome::done);
  for (int i = 0; i < 41; ++i) {
    const auto& value = lookups[static_cast<std::size_t>(i)].value;
    const int number = i < 40 ? i : 1;
    ASSERT_EQ(value.has_value(), number % 3 != 0) << i;
    if (value) {
      EXPECT_EQ(std::string(value->begin(), value->end()), "value of " + std::to_string(number));
    }
  }
}

TEST_F(MemcachedReplies, AnIncompleteReplyIsNothing) {
  const std::string reply = "VALUE iip:k 0 5\r\nhello\r\nEND\r\n";
  for (std::size_t length = 1; length < reply.size(); ++length) {
    say(reply.substr(0, length), true);
    EXPECT_EQ(get("iip:k"), MemcachedSession::Outcome::broken) << length;
    EXPECT_FALSE(session_.is_usable());
  }
  for (const std::string part : {"STORED\r", "S", "SERVER_ERROR"}) {
    say(part, true);
    EXPECT_EQ(set("iip:k", "hello"), MemcachedSession::Outcome::broken) << part;
  }
  expect_it_is_well();
}

TEST_F(MemcachedReplies, WhatIsNotTheReplyToAGet) {
  for (const std::string reply : {
           "VALUE iip:other 0 5\r\nhello\r\nEND\r\n",
           "VALUE iip:kk 0 5\r\nhello\r\nEND\r\n",
           "VALUE iip:k\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 \r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 -5\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 0x5\r\nhello\r\nEND\r\n",
           "VALUE\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 99999999999999999999999\r\nhello",
           "VALUE iip:k 0 5\r\nhelloXXEND\r\n",
           "VALUE iip:k 0 4\r\nhello\r\nEND\r\n",
           "value iip:k 0 5\r\nhello\r\nEND\r\n",
           "STORED\r\n",
           "ERROR\r\n",
           "SERVER_ERROR out of memory\r\n",
           "HTTP/1.1 400 Bad Request\r\n\r\n",
           "\r\n",
       }) {
    say(reply, true);
    EXPECT_NE(get("iip:k"), MemcachedSession::Outcome::done) << reply;
    EXPECT_FALSE(session_.is_usable()) << reply;
  }
  for (const std::string& reply :
       {std::string(600, 'V'), "END\n" + std::string(600, '\n'),
        "VALUE iip:k 0 1000001\r\n" + std::string(1'000'001, 'x') + "\r\nEND\r\n"}) {
    say(reply, true);
    EXPECT_NE(get("iip:k"), MemcachedSession::Outcome::done) << reply.substr(0, 30);
    EXPECT_FALSE(session_.is_usable());
  }
  expect_it_is_well();
}

// What they claim does not come: the clock ends the call.
TEST_F(MemcachedReplies, LengthsOfWhatDoesNotCome) {
  patience_ = 300ms;
  for (const std::string reply :
       {"VALUE iip:k 0 1000001\r\nhello", "VALUE iip:k 0 4000000000\r\nhello",
        "VALUE iip:k 0 9000000000000000000\r\nhello"}) {
    say(reply);
    const auto start = CallClock::Clock::now();
    EXPECT_EQ(get("iip:k"), MemcachedSession::Outcome::slow) << reply;
    EXPECT_GE(CallClock::Clock::now() - start, 300ms);
    EXPECT_LT(CallClock::Clock::now() - start, 5s);
    EXPECT_FALSE(session_.is_usable());
  }
  patience_ = 9s;
  expect_it_is_well();
}

TEST_F(MemcachedReplies, WhatIsNotTheReplyToASet) {
  for (const std::string& reply :
       {std::string("NOT_STORED\r\n"), std::string("EXISTS\r\n"), std::string("ERROR\r\n"),
        std::string("END\r\n"), std::string("\r\n"), std::string("CLIENT_ERROR bad data chunk\r\n"),
        std::string("CLIENT_ERROR bad data chunk\r\nERROR\r\n"), std::string("STORED \r\n"),
        std::string("SERVER_ERROR no\r\nSTORED\r\n"),
        std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string(300, 'S')}) {
    say(reply, true);
    EXPECT_EQ(set("iip:k", "hello"), MemcachedSession::Outcome::broken) << reply;
    EXPECT_FALSE(session_.is_usable()) << reply;
  }
  expect_it_is_well();
}

// By a server that has no room, and by one whose own limit is lower: the connection stays.
TEST_F(MemcachedReplies, Refused) {
  const RealMemcached real({"-I", "512k"});
  const SocketAddress address = look_up(*parse_server_name(real.name(), 0)).at(0);
  ASSERT_EQ(session_.open(address), MemcachedSession::Outcome::done);
  std::string large(900'000, 'x');
  const auto later = [] { return CallClock::Clock::now() + 9s; };
  EXPECT_EQ(session_.set("iip:k", 0, bytes_of(large), later()), MemcachedSession::Outcome::refused);
  EXPECT_TRUE(session_.is_usable());
  std::string small = "hello";
  EXPECT_EQ(session_.set("iip:k", 0, bytes_of(small), later()), MemcachedSession::Outcome::done);
}

TEST_F(MemcachedReplies, CommandsAreAsMemcachedKnowsThem) {
  EXPECT_EQ(set("iip:k", "hello", 86400), MemcachedSession::Outcome::done);
  {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(last_.is_set);
    EXPECT_EQ(last_.key, "iip:k");
    EXPECT_EQ(last_.value, "hello");
    EXPECT_EQ(last_.expiry, 86400U);
  }
  EXPECT_EQ(get("iip:k"), MemcachedSession::Outcome::done);
  const std::lock_guard lock(mutex_);
  EXPECT_FALSE(last_.is_set);
  EXPECT_EQ(last_.key, "iip:k");
}

}  // namespace
}  // namespace iip

#include "httpd/memcache/memcached_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace iip {
namespace {

constexpr std::size_t kLargest = 1'000'000;

// What the reader makes of `reply` when it arrives in pieces of `piece` bytes. What would be left
// over is left in the connection.
template <class Reader>
Reply feed(Reader& reader, std::string_view reply, std::size_t piece) {
  Reply state = Reply::more;
  while (state == Reply::more && !reply.empty()) {
    const auto space = reader.space();
    const std::size_t count = std::min({piece, reply.size(), space.size()});
    EXPECT_GT(count, 0U) << "asks for more and has no room";
    if (count == 0) return Reply::broken;
    std::copy_n(reply.begin(), count, space.begin());
    reply.remove_prefix(count);
    state = reader.took(count);
  }
  return state;
}

Reply get(std::string_view reply, std::string* value = nullptr, std::size_t piece = SIZE_MAX) {
  GetReply reader("iip:k", kLargest);
  const Reply state = feed(reader, reply, piece);
  if (value && state == Reply::value) value->assign(reader.value().begin(), reader.value().end());
  return state;
}

Reply set(std::string_view reply, std::size_t piece = SIZE_MAX) {
  SetReply reader;
  return feed(reader, reply, piece);
}

TEST(MemcachedProtocol, Commands) {
  EXPECT_EQ(get_command("iip:k"), "get iip:k\r\n");
  EXPECT_EQ(set_command("iip:k", 86400, 1234), "set iip:k 0 86400 1234\r\n");
}

TEST(MemcachedProtocol, Values) {
  std::string value;
  EXPECT_EQ(get("VALUE iip:k 0 5\r\nhello\r\nEND\r\n", &value), Reply::value);
  EXPECT_EQ(value, "hello");
  EXPECT_EQ(get("VALUE iip:k 4294967295 7\r\nEND\r\n\r\n\r\nEND\r\n", &value), Reply::value);
  EXPECT_EQ(value, "END\r\n\r\n");
  EXPECT_EQ(get("VALUE iip:k 0 0\r\n\r\nEND\r\n", &value), Reply::value);
  EXPECT_EQ(value, "");
  const std::string large(kLargest, 'x');
  EXPECT_EQ(get("VALUE iip:k 0 1000000\r\n" + large + "\r\nEND\r\n", &value), Reply::value);
  EXPECT_EQ(value, large);
}

TEST(MemcachedProtocol, Misses) { EXPECT_EQ(get("END\r\n"), Reply::miss); }

TEST(MemcachedProtocol, RepliesArriveInPiecesOfAnySize) {
  const std::string large = "VALUE iip:k 0 40000\r\n" + std::string(40'000, 'x') + "\r\nEND\r\n";
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 16'384U}) {
    std::string value;
    EXPECT_EQ(get("VALUE iip:k 0 5\r\nhello\r\nEND\r\n", &value, piece), Reply::value) << piece;
    EXPECT_EQ(value, "hello");
    EXPECT_EQ(get(large, &value, piece), Reply::value) << piece;
    EXPECT_EQ(value, std::string(40'000, 'x'));
    EXPECT_EQ(get("END\r\n", nullptr, piece), Reply::miss) << piece;
    EXPECT_EQ(get("VALUE iip:other 0 5\r\nhello\r\nEND\r\n", nullptr, piece), Reply::broken);
    EXPECT_EQ(set("STORED\r\n", piece), Reply::stored) << piece;
    EXPECT_EQ(set("SERVER_ERROR out of memory\r\n", piece), Reply::refused) << piece;
    EXPECT_EQ(set("NOT_STORED\r\n", piece), Reply::broken) << piece;
  }
}

TEST(MemcachedProtocol, AnIncompleteReplyIsNothing) {
  const std::string reply = "VALUE iip:k 0 5\r\nhello\r\nEND\r\n";
  for (std::size_t length = 0; length < reply.size(); ++length) {
    EXPECT_EQ(get(reply.substr(0, length)), Reply::more) << length;
  }
  EXPECT_EQ(get("END\r"), Reply::more);
  EXPECT_EQ(set("STORED\r"), Reply::more);
  EXPECT_EQ(set("SERVER_ERROR"), Reply::more);
}

TEST(MemcachedProtocol, WhatIsNotTheReplyToAGet) {
  for (const std::string reply : {
           "VALUE iip:other 0 5\r\nhello\r\nEND\r\n",
           "VALUE iip:kk 0 5\r\nhello\r\nEND\r\n",
           "VALUE iip:k\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 \r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 5 77\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 -5\r\nhello\r\nEND\r\n",
           "VALUE iip:k -1 5\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 0x5\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 1000001\r\nhello",
           "VALUE iip:k 0 4000000000\r\nhello",
           "VALUE iip:k 0 9000000000000000000\r\nhello",
           "VALUE iip:k 0 99999999999999999999999\r\nhello",
           "VALUE iip:k 0 5\r\nhelloXXEND\r\n",
           "VALUE iip:k 0 4\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 5\r\nhello\r\nVALUE iip:k 0 5\r\nhello\r\nEND\r\n",
           "VALUE iip:k 0 5\r\nhello\r\nEND\r\nEND\r\n",
           "value iip:k 0 5\r\nhello\r\nEND\r\n",
           "END\r\nEND\r\n",
           "END \r\n",
           "STORED\r\n",
           "ERROR\r\n",
           "SERVER_ERROR out of memory\r\n",
           "HTTP/1.1 400 Bad Request\r\n\r\n",
           "\r\n",
       }) {
    EXPECT_EQ(get(reply), Reply::broken) << reply;
  }
  EXPECT_EQ(get(std::string(600, 'V')), Reply::broken) << "a line without an end";
  EXPECT_EQ(get("END\n" + std::string(600, '\n')), Reply::broken) << "no carriage returns";
}

TEST(MemcachedProtocol, RepliesToASet) {
  EXPECT_EQ(set("STORED\r\n"), Reply::stored);
  EXPECT_EQ(set("SERVER_ERROR object too large for cache\r\n"), Reply::refused);
  EXPECT_EQ(set("SERVER_ERROR out of memory storing object\r\n"), Reply::refused);
  for (const std::string reply :
       {"STORED\r\nSTORED\r\n", "NOT_STORED\r\n", "EXISTS\r\n", "ERROR\r\n", "END\r\n", "\r\n",
        "CLIENT_ERROR bad data chunk\r\n", "CLIENT_ERROR bad data chunk\r\nERROR\r\n",
        "STORED \r\n", "SERVER_ERROR no\r\nSTORED\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
    EXPECT_EQ(set(reply), Reply::broken) << reply;
  }
  EXPECT_EQ(set(std::string(300, 'S')), Reply::broken);
}

}  // namespace
}  // namespace iip

#include "httpd/memcache/server_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>

namespace iip {
namespace {

std::string canonical(std::string_view text) {
  const auto name = parse_server_name(text, 11211);
  return name ? name->text() : "refused";
}

TEST(ServerAddress, NamesHaveOneForm) {
  EXPECT_EQ(canonical("cache.example.org"), "cache.example.org:11211");
  EXPECT_EQ(canonical("Cache.Example.ORG:11211"), "cache.example.org:11211");
  EXPECT_EQ(canonical("10.0.0.7:11300"), "10.0.0.7:11300");
  EXPECT_EQ(canonical("[::1]"), "[::1]:11211");
  EXPECT_EQ(canonical("[2001:DB8::7]:65535"), "[2001:db8::7]:65535");
  EXPECT_EQ(canonical("/run/memcached.sock"), "/run/memcached.sock");
}

TEST(ServerAddress, RefusesWhatIsNoServer) {
  for (const std::string text :
       {"",      ":11211", "a:",    "a:0",      "a:65536", "a:-1",   "a:1x",
        "a:1:2", "::1",    "[::1",  "[]",       "[::1]x",  "[::1]:", "[example.org]",
        "a b",   "a/b",    "a\r\n", "http://a", "/",       "a,b"}) {
    EXPECT_EQ(canonical(text), "refused") << text;
  }
  EXPECT_EQ(canonical(std::string(254, 'a')), "refused");
  EXPECT_EQ(canonical("/" + std::string(108, 'a')), "refused");
}

TEST(ServerAddress, NumbersAreLookedUpWithoutANameServer) {
  const auto addresses = look_up(*parse_server_name("127.0.0.1:11300", 11211));
  ASSERT_EQ(addresses.size(), 1U);
  const auto* found = reinterpret_cast<const sockaddr_in*>(addresses[0].get());
  EXPECT_EQ(found->sin_family, AF_INET);
  EXPECT_EQ(ntohs(found->sin_port), 11300);
  EXPECT_EQ(ntohl(found->sin_addr.s_addr), INADDR_LOOPBACK);
}

TEST(ServerAddress, Ipv6) {
  const auto addresses = look_up(*parse_server_name("[::1]:11300", 11211));
  ASSERT_EQ(addresses.size(), 1U);
  const auto* found = reinterpret_cast<const sockaddr_in6*>(addresses[0].get());
  EXPECT_EQ(found->sin6_family, AF_INET6);
  EXPECT_EQ(ntohs(found->sin6_port), 11300);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&found->sin6_addr));
}

TEST(ServerAddress, Paths) {
  const auto addresses = look_up(*parse_server_name("/run/memcached.sock", 11211));
  ASSERT_EQ(addresses.size(), 1U);
  const auto* found = reinterpret_cast<const sockaddr_un*>(addresses[0].get());
  EXPECT_EQ(found->sun_family, AF_UNIX);
  EXPECT_STREQ(found->sun_path, "/run/memcached.sock");
}

}  // namespace
}  // namespace iip

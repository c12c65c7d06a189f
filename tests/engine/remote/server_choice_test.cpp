#include "engine/remote/server_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace iip {
namespace {

constexpr int kKeys = 20'000;

Digest key(int number) {
  Hasher hasher;
  hasher.add(number);
  return hasher.digest();
}

std::vector<std::string> names(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back("10.0.0." + std::to_string(i + 1) + ":11211");
  return all;
}

std::string chosen(const std::vector<std::string>& servers, const Digest& key) {
  const auto place = ServerChoice(servers).choose(key, [](std::size_t) { return true; });
  return place ? servers[*place] : "";
}

TEST(ServerChoice, EveryServerGetsItsShare) {
  const auto servers = names(5);
  std::map<std::string, int> keys_of;
  for (int i = 0; i < kKeys; ++i) ++keys_of[chosen(servers, key(i))];
  for (const std::string& server : servers) {
    // Binomial: 4000 expected, with a standard deviation of 57.
    EXPECT_NEAR(keys_of[server], kKeys / 5, 6 * 57) << server;
  }
}

TEST(ServerChoice, OneMoreServerMovesItsShareAndNothingElse) {
  const auto before = names(4);
  const auto after = names(5);
  int moved = 0;
  for (int i = 0; i < kKeys; ++i) {
    const std::string was = chosen(before, key(i));
    const std::string is = chosen(after, key(i));
    if (was == is) continue;
    ++moved;
    EXPECT_EQ(is, after.back());
  }
  EXPECT_NEAR(moved, kKeys / 5, 6 * 57);
}

TEST(ServerChoice, OneThatIsGoneLeavesTheKeysOfTheOthersInPlace) {
  const auto servers = names(4);
  const ServerChoice choice(servers);
  std::map<std::size_t, int> heirs;
  int orphans = 0;
  for (int i = 0; i < kKeys; ++i) {
    const auto all = choice.choose(key(i), [](std::size_t) { return true; });
    const auto rest = choice.choose(key(i), [](std::size_t place) { return place != 2; });
    if (all != 2U) {
      EXPECT_EQ(rest, all);
    } else {
      ++orphans;
      ++heirs[*rest];
    }
  }
  EXPECT_EQ(heirs.size(), 3U);
  for (const auto& [heir, count] : heirs) EXPECT_NEAR(count, orphans / 3, 6 * 34) << heir;
}

TEST(ServerChoice, TheOrderOfTheListDoesNotMatter) {
  auto servers = names(6);
  const auto in_order = servers;
  std::ranges::reverse(servers);
  std::swap(servers[1], servers[4]);
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(chosen(servers, key(i)), chosen(in_order, key(i)));
}

TEST(ServerChoice, NoneIsChosenWhereNoneIsUsable) {
  EXPECT_EQ(chosen({}, key(1)), "");
  EXPECT_FALSE(ServerChoice(names(3)).choose(key(1), [](std::size_t) { return false; }));
}

}  // namespace
}  // namespace iip

// Changes a value at each of its members, one at a time, so that a test sees what every one of them
// does: to a digest, for instance.
//
// each_change() finds the members by members_of(), one overload for each struct beside the test. It
// takes the struct apart by a structured binding, which does not compile once the struct has a
// member more: none can be forgotten.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "engine/base/hash.h"

namespace iip {

inline auto members_of(Digest& digest) {
  auto& [high, low] = digest;
  return std::tie(high, low);
}

// Is told after each change, with the address of what was changed.
using ChangeObserver = std::function<void(const void* changed)>;

template <class T>
void put_another(T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = !value;
  } else if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(static_cast<int>(value) + 1);
  } else if constexpr (std::is_pointer_v<T>) {
    value = nullptr;
  } else if constexpr (std::floating_point<T>) {
    value += T{0.25};
  } else if constexpr (std::integral<T>) {
    ++value;
  } else {
    static_assert(std::is_same_v<T, std::string_view>);
    value = "another text";
  }
}

template <class T>
void each_change(T& value, const ChangeObserver& observer);

template <class T>
void each_change_in(T& value, const ChangeObserver& observer) {
  const T before = value;
  put_another(value);
  observer(&value);
  value = before;
}
template <class T>
void each_change_in(std::optional<T>& value, const ChangeObserver& observer) {
  if (value) each_change(*value, observer);
  const std::optional<T> before = value;
  value = before ? std::nullopt : std::optional<T>(T{});
  observer(&value);
  value = before;
}
template <class T>
void each_change_in(std::vector<T>& value, const ChangeObserver& observer) {
  for (T& element : value) each_change(element, observer);
  value.emplace_back();
  observer(&value);
  value.pop_back();
}
template <class T, std::size_t N>
void each_change_in(std::array<T, N>& value, const ChangeObserver& observer) {
  for (T& element : value) each_change(element, observer);
}

template <class T>
void each_change(T& value, const ChangeObserver& observer) {
  if constexpr (requires { members_of(value); }) {
    std::apply([&](auto&... members) { (each_change(members, observer), ...); }, members_of(value));
  } else {
    each_change_in(value, observer);
  }
}

template <class T>
Digest digest_of(const T& value) {
  Hasher hasher;
  value.add_to(hasher);
  return hasher.digest();
}

// Each change gives a digest that is neither that of the value nor that of another change; those at
// the addresses in `without_effect` give the value's own. Fails where one of these is no member.
template <class T>
void expect_each_change_in_digest(T& value, std::vector<const void*> without_effect = {}) {
  const Digest unchanged = digest_of(value);
  std::vector<Digest> known{unchanged};
  std::size_t silent = 0;
  each_change(value, [&](const void* changed) {
    const Digest digest = digest_of(value);
    const auto offset = static_cast<const char*>(changed) - reinterpret_cast<const char*>(&value);
    if (std::find(without_effect.begin(), without_effect.end(), changed) != without_effect.end()) {
      EXPECT_EQ(digest, unchanged) << "the member at byte " << offset;
      ++silent;
      return;
    }
    const auto same = std::find(known.begin(), known.end(), digest);
    EXPECT_EQ(same, known.end()) << "change " << known.size() << ", of the member at byte "
                                 << offset << ", gives the digest of change "
                                 << same - known.begin();
    known.push_back(digest);
  });
  EXPECT_EQ(silent, without_effect.size());
  EXPECT_EQ(digest_of(value), unchanged);
  EXPECT_GT(known.size(), 1U);
}

}  // namespace iip

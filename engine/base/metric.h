// Metrics: what is counted, said once for all who show it.
//
// Each family of counters has a table of them beside its own declaration, in the order in which
// they are shown. The forms of the status page know a metric by nothing else.
// Value types; the tables are constants.
#pragma once

#include <cstdint>
#include <string_view>

namespace iip {

enum class MetricKind : std::uint8_t {
  counter,       // grows, until the memory that it lies in is made anew
  gauge,         // as it is at the moment
  microseconds,  // a counter of time; the name ends in _microseconds
};

// The name is lower_case, and no two of a family have the same. One without a unit counts things.
struct Metric {
  std::string_view name;
  std::string_view help;
  MetricKind kind = MetricKind::counter;
};

// A metric of a family whose counters are members of one object.
template <class Counters>
struct MemberMetric {
  Metric metric;
  std::uint64_t (*read)(const Counters& counters);
};

template <class Member>
struct OwnerOfMember;
template <class Owner, class T>
struct OwnerOfMember<T Owner::*> {
  using Type = Owner;
};

// Reads a member, or one of a member's: read_member<&Outer::inner, &Inner::count>.
template <auto Member, auto... Inner>
std::uint64_t read_member(const typename OwnerOfMember<decltype(Member)>::Type& counters) {
  return ((counters.*Member).*....*Inner);
}

}  // namespace iip

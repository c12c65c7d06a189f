// What became of the questions that decoders in processes of their own were asked.
//
// Plain data but for being atomic, all zero at the start, so that it may lie in memory that
// processes share. Thread-safe, and safe between processes.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/metric.h"

namespace iip {

// Every question is one of `started` or `refused`, once it has its answer.
struct alignas(64) HelperCounters {
  using Counter = std::atomic<std::uint64_t>;
  static_assert(Counter::is_always_lock_free);

  Counter started = 0;
  Counter ended_by_signal = 0;    // among `started`: for a fault, or a call that is not allowed
  Counter ended_by_deadline = 0;  // among `started`: the request's time or its own was over
  Counter refused = 0;            // there was no process to be had

  static void count(Counter& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
};

inline constexpr MemberMetric<HelperCounters> kHelperMetrics[] = {
    {{"helpers_started", "Processes that decoded what may end its process"},
     read_member<&HelperCounters::started>},
    {{"helpers_ended_by_signal", "... that a signal ended: a fault, or what they may not do"},
     read_member<&HelperCounters::ended_by_signal>},
    {{"helpers_ended_by_deadline", "... that were not done when their time was over"},
     read_member<&HelperCounters::ended_by_deadline>},
    {{"helpers_refused", "... that could not be started"}, read_member<&HelperCounters::refused>},
};

}  // namespace iip

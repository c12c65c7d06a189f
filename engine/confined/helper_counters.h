// What became of the questions that decoders in processes of their own were asked.
//
// Plain data but for being atomic, all zero at the start, so that it may lie in memory that
// processes share. Thread-safe, and safe between processes.
#pragma once

#include <atomic>
#include <cstdint>

namespace iip {

// Every question is one of `started` or `refused`, once it has its answer.
struct alignas(64) HelperCounters {
  using Counter = std::atomic<std::uint64_t>;
  static_assert(Counter::is_always_lock_free);

  Counter started = 0;
  Counter ended_by_signal = 0;    // of those: a fault of the library, or what it may not do
  Counter ended_by_deadline = 0;  // of those: by the time of the request, or that of a processor
  Counter refused = 0;            // there was no process to be had

  static void count(Counter& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
};

}  // namespace iip

// What became of the tiles that one virtual host asked memcached for, or gave it.
//
// Plain data but for being atomic, all zero at the start, so that it may lie in memory that
// processes share. Thread-safe, and safe between processes.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/metric.h"

namespace iip {

// Every find ends as one of hits to unasked, every store as one of stored to too_large or is still
// waiting.
struct alignas(64) MemcachedCounters {
  using Counter = std::atomic<std::uint64_t>;
  static_assert(Counter::is_always_lock_free);

  Counter finds = 0;
  Counter hits = 0;
  Counter misses = 0;
  Counter bad = 0;       // what came is not the tile that was asked for
  Counter timeouts = 0;  // no answer within the deadline
  Counter broken = 0;    // no connection, or an answer that makes no sense
  Counter unasked = 0;   // no server is in use

  Counter stores = 0;
  Counter stored = 0;
  Counter refused = 0;    // the server has no room
  Counter dropped = 0;    // too much was waiting, or the server is in trouble
  Counter too_large = 0;  // more than any server takes

  void reset() {
    for (Counter* counter : {&finds, &hits, &misses, &bad, &timeouts, &broken, &unasked, &stores,
                             &stored, &refused, &dropped, &too_large}) {
      counter->store(0, std::memory_order_relaxed);
    }
  }
};

// What the status page shows: how finds and stores ended. Their numbers are the sums.
inline constexpr MemberMetric<MemcachedCounters> kMemcachedMetrics[] = {
    {{"memcached_hits", "Pictures that memcached had"}, read_member<&MemcachedCounters::hits>},
    {{"memcached_misses", "Pictures that it did not have"},
     read_member<&MemcachedCounters::misses>},
    {{"memcached_bad", "Answers that were not the picture asked for"},
     read_member<&MemcachedCounters::bad>},
    {{"memcached_timeouts", "Questions without an answer in time"},
     read_member<&MemcachedCounters::timeouts>},
    {{"memcached_broken", "Questions that met no server, or one that made no sense"},
     read_member<&MemcachedCounters::broken>},
    {{"memcached_unasked", "Questions not put, since no server was in use"},
     read_member<&MemcachedCounters::unasked>},
    {{"memcached_stored", "Pictures put into memcached"}, read_member<&MemcachedCounters::stored>},
    {{"memcached_refused", "Pictures that it had no room for"},
     read_member<&MemcachedCounters::refused>},
    {{"memcached_dropped", "Pictures not sent, for a queue too long or a server in trouble"},
     read_member<&MemcachedCounters::dropped>},
    {{"memcached_too_large", "Pictures too large for memcached"},
     read_member<&MemcachedCounters::too_large>},
};

}  // namespace iip

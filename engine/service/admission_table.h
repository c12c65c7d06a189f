// What admission has in the memory that all processes share: the renders that wait or are under
// way. Plain data; who reads or writes it holds the table's lock (admission.cpp), but for `called`.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

#include "engine/cache/robust_mutex.h"
#include "engine/cache/tile_cache.h"

namespace iip {

enum class Lane : std::uint8_t { tiles, regions };

// One render that waits or is under way.
struct AdmissionRecord {
  enum class State : std::uint32_t { unused, waiting, inside };
  State state = State::unused;
  std::int32_t process = 0;
  std::uint16_t client = 0;
  Lane lane = Lane::tiles;
  std::uint64_t bytes = 0;
  std::uint64_t ticket = 0;
  bool gives_way = false;                 // as it was when it was let in
  std::atomic<std::uint32_t> called = 0;  // kCalled: it may go in; a futex

  static constexpr std::uint32_t kCalled = 1;
  // Its thread went away without the lock: whoever has it next clears the record.
  static constexpr std::uint32_t kAbandoned = 2;
};

// A host that had a render let in while it was within its share.
struct ModestHost {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min() / 2;
  std::uint16_t client = 0;
  std::int64_t last = kNever;  // ms
};
// The last two, the last one first.
using ModestHosts = std::array<ModestHost, 2>;

struct AdmissionTable {
  static constexpr std::uint32_t kRecords = 2048;

  RobustMutex mutex;  // guards everything but `called`
  std::uint64_t next_ticket = 0;
  std::int64_t dead_sought = 0;  // when dead processes were last looked for
  std::uint32_t used = 0;        // records from here on were never used
  ModestHosts modest;
  std::array<AdmissionRecord, kRecords> records;

  // Once, before anybody enters. False: the system gives no lock that processes can share.
  bool format();
};

}  // namespace iip

// Admission: how many pictures all processes of the host make at a time, and whose turn it is.
//
// There are `places`, and pixels may take `memory` bytes in all of them together. A render that
// finds no place waits for one, up to its patience, as long as fewer than `waiting` others do; what
// does not get one is `busy` (503), and what could never fit is `too_large` (413), at once. Two
// lanes: tiles, which cost a few milliseconds, may hold every place; regions at most half of them,
// so that exports do not stop a viewer. Of those that wait, the virtual host that holds the fewest
// places goes first, then the one that came first: a host that floods waits for itself.
//
// AdmissionTable lies in memory that all processes share, behind one robust lock that is held for
// some hundred nanoseconds. A place is written down with its process, and one that died gives its
// places back when somebody waits for them. Should the table be unusable, everybody is let in.
//
// Thread-safe, and safe between processes. A Place belongs to the thread that entered.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

#include "engine/base/client_watch.h"
#include "engine/base/result.h"
#include "engine/cache/robust_mutex.h"
#include "engine/cache/tile_cache.h"

namespace iip {

enum class Lane : std::uint8_t { tiles, regions };

struct AdmissionLimits {
  std::uint32_t places = 0;                        // 0: half as many again as there are processors
  std::uint64_t memory = std::uint64_t{1} << 30U;  // bytes
  std::uint32_t waiting = 256;
};

struct RenderCost {
  Lane lane = Lane::tiles;
  std::uint64_t bytes = 0;  // at the peak, estimated
  CacheClient client{0};
};

// One render that waits or is under way.
struct AdmissionRecord {
  enum class State : std::uint32_t { unused, waiting, inside };
  State state = State::unused;
  std::int32_t process = 0;
  std::uint16_t client = 0;
  Lane lane = Lane::tiles;
  std::uint64_t bytes = 0;
  std::uint64_t ticket = 0;
  std::atomic<std::uint32_t> called = 0;  // kCalled: it may go in; a futex

  static constexpr std::uint32_t kCalled = 1;
  // Its thread went away without the lock: whoever has it next clears the record.
  static constexpr std::uint32_t kAbandoned = 2;
};

struct AdmissionTable {
  static constexpr std::uint32_t kRecords = 2048;

  RobustMutex mutex;  // guards everything but `called`
  std::uint64_t next_ticket = 0;
  std::int64_t dead_sought = 0;  // when dead processes were last looked for
  std::uint32_t used = 0;        // records from here on were never used
  std::array<AdmissionRecord, kRecords> records;

  // Once, before anybody enters. False: the system gives no lock that processes can share.
  bool format();
};

struct AdmissionState {
  std::uint32_t places = 0;
  std::uint32_t tiles_inside = 0;
  std::uint32_t regions_inside = 0;
  std::uint32_t waiting = 0;
  std::uint64_t memory = 0;  // bytes that those inside were estimated at
};

class Admission {
 public:
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          record_(other.record_),
          waited_(other.waited_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (admission_ != nullptr) admission_->leave(record_);
    }
    bool waited() const { return waited_; }

   private:
    friend class Admission;
    Place(const Admission& admission, std::uint32_t record, bool waited)
        : admission_(&admission), record_(record), waited_(waited) {}
    const Admission* admission_ = nullptr;  // null: let in without a place
    std::uint32_t record_ = 0;
    bool waited_ = false;
  };

  // The table must outlive the Admission, and the Admission its Places.
  Admission(AdmissionTable& table, const AdmissionLimits& limits);

  // Errors: too_large, busy; client_gone where `client`, asked while it waits, has left.
  Result<Place> enter(const RenderCost& cost, std::chrono::milliseconds patience,
                      ClientWatch* client) const;

  AdmissionState state() const;
  const AdmissionLimits& limits() const { return limits_; }

 private:
  class LockedTable;

  void leave(std::uint32_t record) const;

  AdmissionTable& table_;
  const AdmissionLimits limits_;  // with `places` worked out
};

}  // namespace iip

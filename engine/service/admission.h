// Admission: how many pictures all processes of the host make at a time, and whose turn it is.
//
// There are `places`, and pixels may take `memory` bytes in all of them together. A render that
// finds no place waits for one, up to its patience, as long as fewer than `waiting` others do; what
// does not get one is `busy` (503), and what could never fit is `too_large` (413), at once. Two
// lanes: tiles, which cost a few milliseconds, may hold every place; regions at most half of them,
// so that exports do not stop a viewer. Of those that wait, the virtual host that holds the fewest
// places goes first, then the one that came first: a host that floods waits for itself.
//
// A virtual host's share is the places over the hosts that have renders here, rounded up. One that
// has no more renders here than its share, those that wait included, is within it. Its renders may
// have `spare` places besides, as many as there are places, so that they need not wait until a host
// that wants more has done with its own, nor its regions for those of another host. A host that
// wants more than its share is asked to give way on the processors too (Place::gives_way), as long
// as there is another to give way to: one that was within its own when it last had a render let in,
// and that not longer ago than `courtesy`.
//
// Memory has shares likewise: the bytes over the hosts that have renders here, and over two at
// least. What goes beyond its host's share leaves `reserved` bytes free, so that one large picture
// does not keep another host's small one waiting until it is done.
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
#include <limits>
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
  bool spare = false;  // as many places again, for hosts within their share
  std::chrono::milliseconds courtesy{1000};
  std::uint32_t giving_way = 0;  // 0: one less than there are processors, and at least one
  std::uint64_t reserved = 0;    // of the memory: for hosts within their share of it
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

struct AdmissionTable {
  static constexpr std::uint32_t kRecords = 2048;

  RobustMutex mutex;  // guards everything but `called`
  std::uint64_t next_ticket = 0;
  std::int64_t dead_sought = 0;      // when dead processes were last looked for
  std::uint32_t used = 0;            // records from here on were never used
  std::array<ModestHost, 2> modest;  // the last two, the last one first
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
          waited_(other.waited_),
          gives_way_(other.gives_way_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (admission_ != nullptr) admission_->leave(record_);
    }
    bool waited() const { return waited_; }
    bool gives_way() const { return gives_way_; }

   private:
    friend class Admission;
    Place(const Admission& admission, std::uint32_t record, bool waited);
    const Admission* admission_ = nullptr;  // null: let in without a place
    std::uint32_t record_ = 0;
    bool waited_ = false;
    bool gives_way_ = false;
  };

  // The table must outlive the Admission, and the Admission its Places.
  Admission(AdmissionTable& table, const AdmissionLimits& limits);

  // Errors: too_large, busy; client_gone where `client`, asked while it waits, has left.
  Result<Place> enter(const RenderCost& cost, std::chrono::milliseconds patience,
                      ClientWatch* client) const;

  // Of those that are alive at the moment.
  AdmissionState state() const;
  const AdmissionLimits& limits() const { return limits_; }

 private:
  class LockedTable;

  void leave(std::uint32_t record) const;

  AdmissionTable& table_;
  const AdmissionLimits limits_;  // none of them 0
};

}  // namespace iip

// Admission: how many pictures all processes of the host make at a time.
//
// There are `slots`, and pixels may take `memory` bytes in all of them together. A render that
// finds no slot waits for one, up to its patience, as long as fewer than `waiting` others do; what
// does not get one is `busy` (503), and what could never fit is `too_large` (413), at once. Whose
// turn it is decides FairShare (fair_share.h).
//
// AdmissionTable lies in memory that all processes share, behind one robust lock that is held for
// some hundred nanoseconds. A slot is written down with its process, and one that died gives its
// slots back when somebody waits for them. Should the table be unusable, everybody is let in.
//
// Thread-safe, and safe between processes. A Slot belongs to the thread that entered.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "engine/base/client_watch.h"
#include "engine/base/result.h"
#include "engine/service/fair_share.h"

namespace iip {

struct RenderCost {
  Lane lane = Lane::tiles;
  std::uint64_t bytes = 0;  // at the peak, estimated
  CacheClient client{0};
};

class Admission {
 public:
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          record_(other.record_),
          waited_(other.waited_),
          gives_way_(other.gives_way_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (admission_ != nullptr) admission_->leave(record_);
    }
    bool waited() const { return waited_; }
    bool gives_way() const { return gives_way_; }

   private:
    friend class Admission;
    Slot(const Admission& admission, std::uint32_t record, bool waited);
    const Admission* admission_ = nullptr;  // null: let in without a slot
    std::uint32_t record_ = 0;
    bool waited_ = false;
    bool gives_way_ = false;
  };

  // The table must outlive the Admission, and the Admission its Slots.
  Admission(AdmissionTable& table, const AdmissionLimits& limits);

  // Errors: too_large, busy; client_gone where `client`, asked while it waits, has left.
  Result<Slot> enter(const RenderCost& cost, std::chrono::milliseconds patience,
                     ClientWatch* client) const;

  // The renders of all processes that are alive at the moment.
  AdmissionState state() const;
  const AdmissionLimits& limits() const { return limits_; }

 private:
  class LockedTable;

  void leave(std::uint32_t record) const;

  AdmissionTable& table_;
  const AdmissionLimits limits_;  // none of them 0
};

}  // namespace iip

#include "engine/service/admission.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>

#include "engine/service/futex.h"
#include "engine/service/process_liveness.h"

namespace iip {
namespace {

using Clock = std::chrono::steady_clock;
using State = AdmissionRecord::State;
using std::chrono::milliseconds;

// While it waits, a request looks up so often: whether its client is still there, and whether
// processes that hold slots are still alive.
constexpr milliseconds kSlice{100};
constexpr milliseconds kLockPatience{1000};

// On a clock that all processes of the host share.
std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch()).count();
}

std::uint32_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

AdmissionLimits worked_out(AdmissionLimits limits) {
  if (limits.slots == 0) limits.slots = std::max(2U, processors() + processors() / 2);
  if (limits.giving_way == 0) limits.giving_way = std::max(1U, processors() - 1);
  return limits;
}

auto too_large() {
  return fail(ErrorKind::too_large, "The picture is too large for this server",
              "it would take more memory than IIPMaxRenderMemory");
}

auto busy(const char* why) {
  return fail(ErrorKind::busy, "The server is busy; try again shortly", why);
}

// Without the lock.
void abandon(AdmissionRecord& record) {
  record.called.store(AdmissionRecord::kAbandoned, std::memory_order_relaxed);
}

}  // namespace

bool AdmissionTable::format() {
  next_ticket = 0;
  used = 0;
  modest = {};
  return mutex.init();
}

// The table while its lock is held. Nothing in it is taken on trust that a process which died
// inside could have left half done: what counts is in the records, and each is written in one step,
// its state last.
class Admission::LockedTable {
 public:
  LockedTable(AdmissionTable& table, const AdmissionLimits& limits)
      : table_(table), limits_(limits) {
    ok_ = table.mutex.lock(kLockPatience) != RobustMutex::Outcome::unavailable;
    if (!ok_) return;
    table.used = std::min(table.used, AdmissionTable::kRecords);
    for (AdmissionRecord& record : records()) {
      const bool abandoned =
          record.called.load(std::memory_order_relaxed) == AdmissionRecord::kAbandoned;
      if (abandoned) record.state = State::unused;
    }
  }
  LockedTable(const LockedTable&) = delete;
  LockedTable& operator=(const LockedTable&) = delete;
  ~LockedTable() {
    if (ok_) table_.mutex.unlock();
  }

  bool ok() const { return ok_; }

  AdmissionState count() const { return count_renders(records(), limits_); }

  std::optional<std::uint32_t> add(const RenderCost& cost) {
    for (std::uint32_t i = 0; i < AdmissionTable::kRecords; ++i) {
      AdmissionRecord& record = table_.records[i];
      if (i < table_.used && record.state != State::unused) continue;
      record.process = getpid();
      record.client = static_cast<std::uint16_t>(cost.client);
      record.lane = cost.lane;
      record.bytes = cost.bytes;
      record.ticket = table_.next_ticket++;
      record.called.store(0, std::memory_order_relaxed);
      record.state = State::waiting;
      table_.used = std::max(table_.used, i + 1);
      return i;
    }
    return std::nullopt;
  }

  void remove(std::uint32_t number) {
    table_.records[number].state = State::unused;
    while (table_.used > 0 && table_.records[table_.used - 1].state == State::unused) {
      --table_.used;
    }
  }

  bool is_inside(std::uint32_t number) const {
    return table_.records[number].state == State::inside;
  }

  // Asks the system, and so no oftener than needed, however many wait or are turned away.
  void remove_dead() {
    const std::int64_t now = milliseconds_now();
    if (std::abs(now - table_.dead_sought) < kSlice.count()) return;
    table_.dead_sought = now;
    remove_dead_now();
  }

  void remove_dead_now() {
    std::unordered_map<std::int32_t, bool> alive;
    for (AdmissionRecord& record : records()) {
      if (record.state == State::unused) continue;
      const auto [known, is_new] = alive.try_emplace(record.process, true);
      if (is_new) known->second = is_process_alive(record.process);
      if (!known->second) record.state = State::unused;
    }
  }

  // Lets in as many as fit, those first whose turn it is.
  void call_next() {
    FairShare shares(records(), table_.modest, limits_, milliseconds_now());
    while (AdmissionRecord* next = shares.let_in_next()) {
      next->called.store(AdmissionRecord::kCalled, std::memory_order_release);
      wake_all(next->called);
    }
  }

 private:
  std::span<AdmissionRecord> records() const {
    return std::span(table_.records).first(table_.used);
  }

  AdmissionTable& table_;
  const AdmissionLimits& limits_;
  bool ok_ = false;
};

Admission::Slot::Slot(const Admission& admission, std::uint32_t record, bool waited)
    : admission_(&admission),
      record_(record),
      waited_(waited),
      gives_way_(admission.table_.records[record].gives_way) {}

Admission::Admission(AdmissionTable& table, const AdmissionLimits& limits)
    : table_(table), limits_(worked_out(limits)) {}

Result<Admission::Slot> Admission::enter(const RenderCost& cost, milliseconds patience,
                                         ClientWatch* client) const {
  if (cost.bytes > most_of_one(limits_)) return too_large();
  std::optional<std::uint32_t> record;
  try {
    {
      LockedTable table(table_, limits_);
      if (!table.ok()) return Slot();
      record = table.add(cost);
      if (!record) {
        table.remove_dead();
        record = table.add(cost);
      }
      if (!record) return busy("too many pictures are waited for");
      table.call_next();
      if (!table.is_inside(*record) && table.count().waiting > limits_.waiting) {
        table.remove_dead();
        table.call_next();
      }
      if (table.is_inside(*record)) return Slot(*this, *record, /*waited=*/false);
      if (table.count().waiting > limits_.waiting) {
        table.remove(*record);
        return busy("too many pictures are waited for");
      }
    }
    const Clock::time_point end = Clock::now() + patience;
    std::atomic<std::uint32_t>& called = table_.records[*record].called;
    const auto is_called = [&] {
      return called.load(std::memory_order_acquire) == AdmissionRecord::kCalled;
    };
    for (;;) {
      if (!is_called()) wait_for_change(called, 0, kSlice);
      if (is_called()) return Slot(*this, *record, /*waited=*/true);
      const bool left = client != nullptr && client->gone();
      const bool late = Clock::now() >= end;
      LockedTable table(table_, limits_);
      if (!table.ok()) return Slot(*this, *record, /*waited=*/true);
      table.remove_dead();
      table.call_next();
      if (table.is_inside(*record)) return Slot(*this, *record, /*waited=*/true);
      if (!left && !late) continue;
      table.remove(*record);
      if (left) return fail(ErrorKind::client_gone, "The client has left");
      return busy("no slot to make the picture came free (IIPMaxRenders, IIPMaxRenderMemory)");
    }
  } catch (const std::exception&) {  // for want of memory
    if (record) abandon(table_.records[*record]);
    throw;
  }
}

// Called by a destructor: what could not be done for want of memory, those who wait do themselves
// when they look up next.
void Admission::leave(std::uint32_t record) const {
  try {
    LockedTable table(table_, limits_);
    if (!table.ok()) {
      abandon(table_.records[record]);
      return;
    }
    table.remove(record);
    table.call_next();
  } catch (const std::exception&) {
    return;
  }
}

AdmissionState Admission::state() const {
  LockedTable table(table_, limits_);
  if (!table.ok()) return {};
  table.remove_dead_now();
  table.call_next();
  return table.count();
}

}  // namespace iip

#include "engine/service/admission.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace iip {
namespace {

using Clock = std::chrono::steady_clock;
using State = AdmissionRecord::State;
using std::chrono::milliseconds;

// While it waits, a request looks up so often: whether its client is still there, and whether
// processes that hold places are still alive.
constexpr milliseconds kSlice{100};
constexpr milliseconds kLockPatience{1000};

// Between processes, so without FUTEX_PRIVATE_FLAG. Comes back for any reason; the caller looks.
void wait_for_change(std::atomic<std::uint32_t>& word, std::uint32_t known, milliseconds patience) {
  timespec time{};
  time.tv_sec = patience.count() / 1000;
  time.tv_nsec = static_cast<long>(patience.count() % 1000) * 1'000'000;
  syscall(SYS_futex, &word, FUTEX_WAIT, known, &time, nullptr, 0);
}

void wake(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

// A process that was killed stays on as a zombie until its parent, which may be slow, looks at it.
bool is_zombie(std::int32_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(") ");
  return name_end != std::string::npos && line.compare(name_end, 3, ") Z") == 0;
}

bool is_alive(std::int32_t process) {
  const bool exists = kill(process, 0) == 0 || errno == EPERM;
  return exists && !is_zombie(process);
}

// On a clock that all processes of the host share.
std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch()).count();
}

std::uint32_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

AdmissionLimits worked_out(AdmissionLimits limits) {
  if (limits.places == 0) limits.places = std::max(2U, processors() + processors() / 2);
  if (limits.giving_way == 0) limits.giving_way = std::max(1U, processors() - 1);
  return limits;
}

// The most bytes that a render can ever be let in with.
std::uint64_t most_of_one(const AdmissionLimits& limits) {
  return std::max(limits.memory - std::min(limits.memory, limits.reserved), limits.memory / 2);
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

// What each virtual host has of the places and the memory, and wants.
class Shares {
 public:
  Shares(std::span<const AdmissionRecord> records, const AdmissionLimits& limits) {
    for (const AdmissionRecord& record : records) {
      if (record.state == State::unused) continue;
      ++known(record.client).wanted;
      if (record.state == State::inside) enter(record);
    }
    const auto active = static_cast<std::uint32_t>(std::max<std::size_t>(1, clients_.size()));
    share_ = (limits.places + active - 1) / active;
    memory_share_ = limits.memory / std::max(2U, active);
  }

  std::uint32_t places_of(std::uint16_t client) const { return find(client)->places; }
  std::uint32_t regions_of(std::uint16_t client) const { return find(client)->regions; }
  bool is_within(std::uint16_t client) const { return is_within(*find(client)); }
  // Would the render's host be within its share of the memory with it?
  bool has_memory_for(const AdmissionRecord& wanted) const {
    const std::uint64_t bytes = find(wanted.client)->bytes;
    return wanted.bytes <= memory_share_ && bytes <= memory_share_ - wanted.bytes;
  }
  // Of all that want more than their share.
  std::uint32_t places_beyond() const {
    std::uint32_t sum = 0;
    for (const Client& client : clients_) sum += is_within(client) ? 0 : client.places;
    return sum;
  }
  void enter(const AdmissionRecord& record) {
    Client& client = known(record.client);
    ++client.places;
    client.bytes += record.bytes;
    if (record.lane == Lane::regions) ++client.regions;
  }

 private:
  struct Client {
    std::uint16_t number = 0;
    std::uint32_t wanted = 0;  // those inside included
    std::uint32_t places = 0;
    std::uint32_t regions = 0;  // of the places
    std::uint64_t bytes = 0;    // of those inside
  };

  bool is_within(const Client& client) const { return client.wanted <= share_; }

  std::vector<Client>::const_iterator find(std::uint16_t number) const {
    return std::find_if(clients_.begin(), clients_.end(),
                        [&](const Client& client) { return client.number == number; });
  }

  Client& known(std::uint16_t number) {
    const auto found = std::find_if(clients_.begin(), clients_.end(),
                                    [&](const Client& client) { return client.number == number; });
    if (found != clients_.end()) return *found;
    return clients_.emplace_back(Client{number});
  }

  std::vector<Client> clients_;
  std::uint32_t share_ = 0;
  std::uint64_t memory_share_ = 0;
};

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

  AdmissionState count() const {
    AdmissionState sum;
    sum.places = limits_.places;
    for (const AdmissionRecord& record : records()) {
      if (record.state == State::waiting) ++sum.waiting;
      if (record.state != State::inside) continue;
      ++(record.lane == Lane::tiles ? sum.tiles_inside : sum.regions_inside);
      sum.memory += record.bytes;
    }
    return sum;
  }

  bool fits(const AdmissionRecord& wanted, const AdmissionState& now, const Shares& shares) const {
    const bool with_spare = limits_.spare && shares.is_within(wanted.client);
    if (limits_.spare && gives_way(wanted.client, shares) &&
        shares.places_beyond() >= limits_.giving_way) {
      return false;
    }
    const std::uint32_t inside = now.tiles_inside + now.regions_inside;
    if (inside >= (with_spare ? 2 : 1) * limits_.places) return false;
    const std::uint32_t region_places = std::max(1U, limits_.places / 2);
    const std::uint32_t regions =
        with_spare ? shares.regions_of(wanted.client) : now.regions_inside;
    if (wanted.lane == Lane::regions && regions >= region_places) return false;
    const std::uint64_t free = limits_.memory - std::min(limits_.memory, now.memory);
    const std::uint64_t kept_free = shares.has_memory_for(wanted) ? 0 : limits_.reserved;
    return wanted.bytes <= free && kept_free <= free - wanted.bytes;
  }

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
      if (is_new) known->second = is_alive(record.process);
      if (!known->second) record.state = State::unused;
    }
  }

  // Lets in as many as fit, those first whose turn it is.
  void call_next() {
    AdmissionState now = count();
    if (now.waiting == 0) return;
    Shares shares(records(), limits_);
    while (AdmissionRecord* next = next_to_enter(now, shares)) {
      if (shares.is_within(next->client)) note_modest(next->client);
      next->gives_way = gives_way(next->client, shares);
      next->state = State::inside;
      shares.enter(*next);
      ++(next->lane == Lane::tiles ? now.tiles_inside : now.regions_inside);
      now.memory += next->bytes;
      next->called.store(AdmissionRecord::kCalled, std::memory_order_release);
      wake(next->called);
    }
  }

 private:
  std::span<AdmissionRecord> records() const {
    return std::span(table_.records).first(table_.used);
  }

  AdmissionRecord* next_to_enter(const AdmissionState& now, const Shares& shares) const {
    AdmissionRecord* best = nullptr;
    std::uint32_t best_places = 0;
    for (AdmissionRecord& record : records()) {
      if (record.state != State::waiting || !fits(record, now, shares)) continue;
      const std::uint32_t places = shares.places_of(record.client);
      const bool better = best == nullptr || places < best_places ||
                          (places == best_places && record.ticket < best->ticket);
      if (!better) continue;
      best = &record;
      best_places = places;
    }
    return best;
  }

  void note_modest(std::uint16_t client) {
    ModestHost& last = table_.modest[0];
    if (last.client != client) table_.modest[1] = last;
    last = {client, milliseconds_now()};
  }

  bool gives_way(std::uint16_t client, const Shares& shares) const {
    if (shares.is_within(client)) return false;
    const std::int64_t since = milliseconds_now() - limits_.courtesy.count();
    return std::ranges::any_of(table_.modest, [&](const ModestHost& host) {
      return host.client != client && host.last >= since;
    });
  }

  AdmissionTable& table_;
  const AdmissionLimits& limits_;
  bool ok_ = false;
};

Admission::Place::Place(const Admission& admission, std::uint32_t record, bool waited)
    : admission_(&admission),
      record_(record),
      waited_(waited),
      gives_way_(admission.table_.records[record].gives_way) {}

Admission::Admission(AdmissionTable& table, const AdmissionLimits& limits)
    : table_(table), limits_(worked_out(limits)) {}

Result<Admission::Place> Admission::enter(const RenderCost& cost, milliseconds patience,
                                          ClientWatch* client) const {
  if (cost.bytes > most_of_one(limits_)) return too_large();
  std::optional<std::uint32_t> record;
  try {
    {
      LockedTable table(table_, limits_);
      if (!table.ok()) return Place();
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
      if (table.is_inside(*record)) return Place(*this, *record, /*waited=*/false);
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
      if (is_called()) return Place(*this, *record, /*waited=*/true);
      const bool left = client != nullptr && client->gone();
      const bool late = Clock::now() >= end;
      LockedTable table(table_, limits_);
      if (!table.ok()) return Place(*this, *record, /*waited=*/true);
      table.remove_dead();
      table.call_next();
      if (table.is_inside(*record)) return Place(*this, *record, /*waited=*/true);
      if (!left && !late) continue;
      table.remove(*record);
      if (left) return fail(ErrorKind::client_gone, "The client has left");
      return busy("no place to make the picture came free (IIPMaxRenders, IIPMaxRenderMemory)");
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

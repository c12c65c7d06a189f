#include "engine/cache/cross_process_single_flight.h"

#include <algorithm>
#include <thread>

namespace iip {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How many locks those who gave up on a holder, or met another key, go on to.
constexpr std::uint64_t kAttempts = 3;
// Between two questions whether the client is still there.
constexpr milliseconds kSlice{100};
// A holder writes its key right after it has the lock; longer than this it was interrupted there.
constexpr milliseconds kKeyWait{2};

constexpr std::uint64_t kNobody = 0;

// The lock is chosen by the other half of the digest. Two keys of one mark and one lock would wait
// for each other, no more.
std::uint64_t mark_of(const Digest& key) { return key.high | 1; }

}  // namespace

CrossProcessSingleFlight::LockGuard::~LockGuard() {
  if (slot_ == nullptr) return;
  slot_->mark = kNobody;
  slot_->mutex.unlock();
}

bool CrossProcessSingleFlight::format() const {
  return std::all_of(slots_.begin(), slots_.end(), [](Slot& slot) {
    slot.mark = kNobody;
    return slot.mutex.init();
  });
}

CrossProcessSingleFlight::LockGuard CrossProcessSingleFlight::take(const Digest& key,
                                                                   milliseconds patience,
                                                                   ClientWatch* client) const {
  LockGuard guard;
  if (slots_.empty()) return guard;
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    // The digest's bits are evenly mixed; a large odd step keeps the attempts apart.
    Slot& slot = slots_[(key.low + attempt * 0x9E3779B97F4A7C15) % slots_.size()];
    const Outcome outcome = take_slot(slot, key, patience, client, guard);
    if (outcome == Outcome::mine || outcome == Outcome::client_gone) return guard;
    if (outcome == Outcome::slow) guard.took_over_ = true;
  }
  return guard;
}

CrossProcessSingleFlight::Outcome CrossProcessSingleFlight::take_slot(Slot& slot, const Digest& key,
                                                                      milliseconds patience,
                                                                      ClientWatch* client,
                                                                      LockGuard& guard) const {
  const std::uint64_t mark = mark_of(key);
  const Clock::time_point start = Clock::now();
  for (milliseconds wait{0};; wait = kSlice) {
    switch (slot.mutex.lock(wait)) {
      case RobustMutex::Outcome::owner_died:
        guard.took_over_ = guard.took_over_ || slot.mark == mark;
        [[fallthrough]];
      case RobustMutex::Outcome::acquired:
        slot.mark = mark;
        guard.slot_ = &slot;
        return Outcome::mine;
      case RobustMutex::Outcome::unavailable:
        break;
    }
    std::uint64_t held = slot.mark;
    while (held == kNobody && Clock::now() - start < kKeyWait) {
      std::this_thread::yield();
      held = slot.mark;
    }
    // Without a mark the lock was given back just now: try again.
    if (held != kNobody && held != mark) return Outcome::other_key;
    guard.waited_ = true;
    if (client != nullptr && client->gone()) return Outcome::client_gone;
    if (Clock::now() - start >= patience) return Outcome::slow;
  }
}

}  // namespace iip

#include "engine/cache/shared_flights.h"

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

bool same_key(const SharedFlights::Slot& slot, const Digest& key) {
  return slot.key_high.load(std::memory_order_relaxed) == key.high &&
         slot.key_low.load(std::memory_order_acquire) == key.low;
}

bool no_key(const SharedFlights::Slot& slot) { return same_key(slot, Digest{}); }

void set_key(SharedFlights::Slot& slot, const Digest& key) {
  slot.key_high.store(key.high, std::memory_order_relaxed);
  slot.key_low.store(key.low, std::memory_order_release);
}

}  // namespace

SharedFlights::Turn::~Turn() {
  if (slot_ == nullptr) return;
  set_key(*slot_, Digest{});
  slot_->mutex.unlock();
}

bool SharedFlights::format() const {
  return std::all_of(slots_.begin(), slots_.end(), [](Slot& slot) {
    set_key(slot, Digest{});
    return slot.mutex.init();
  });
}

SharedFlights::Turn SharedFlights::take(const Digest& key, milliseconds patience,
                                        ClientWatch* client) const {
  Turn turn;
  if (slots_.empty()) return turn;
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    // The digest's bits are evenly mixed; a large odd step keeps the attempts apart.
    Slot& slot = slots_[(key.low + attempt * 0x9E3779B97F4A7C15) % slots_.size()];
    const Outcome outcome = take_slot(slot, key, patience, client, turn);
    if (outcome == Outcome::mine || outcome == Outcome::client_gone) return turn;
    if (outcome == Outcome::slow) turn.took_over_ = true;
  }
  return turn;
}

SharedFlights::Outcome SharedFlights::take_slot(Slot& slot, const Digest& key,
                                                milliseconds patience, ClientWatch* client,
                                                Turn& turn) const {
  const Clock::time_point start = Clock::now();
  for (milliseconds wait{0};; wait = kSlice) {
    switch (slot.mutex.lock(wait)) {
      case RobustMutex::Outcome::owner_died:
        turn.took_over_ = turn.took_over_ || same_key(slot, key);
        [[fallthrough]];
      case RobustMutex::Outcome::acquired:
        set_key(slot, key);
        turn.slot_ = &slot;
        return Outcome::mine;
      case RobustMutex::Outcome::unavailable:
        break;
    }
    while (no_key(slot) && Clock::now() - start < kKeyWait) std::this_thread::yield();
    // Without a key the lock was given back just now: try again.
    if (!no_key(slot) && !same_key(slot, key)) return Outcome::other_key;
    turn.waited_ = true;
    if (client != nullptr && client->gone()) return Outcome::client_gone;
    if (Clock::now() - start >= patience) return Outcome::slow;
  }
}

}  // namespace iip

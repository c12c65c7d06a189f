// SingleFlight: of several threads that want the same value, one makes it and the others wait for
// it and share it.
//
// A maker that fails gives its error to all; one that only gave up for itself (client_gone), or
// that was thrown out of its work, hands the making on to one of those who wait. So does one that
// is slower than a waiter's patience: it goes on, but those who waited choose another. Thread-safe;
// no lock is held while a value is made.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/base/client_watch.h"
#include "engine/base/hash.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"

namespace iip {

// Value: cheap to copy.
template <class Value>
class SingleFlight {
 public:
  struct Outcome {
    Result<Value> value;
    bool shared = false;     // another thread made it
    bool took_over = false;  // one that was waited for did not bring it
  };

  SingleFlight() = default;
  SingleFlight(const SingleFlight&) = delete;
  SingleFlight& operator=(const SingleFlight&) = delete;

  // `make()` returns Result<Value>. `client`, which may be null, is asked while waiting.
  template <class Make>
  Outcome run(const Digest& key, std::chrono::milliseconds patience, ClientWatch* client,
              Make make) {
    bool took_over = false;
    for (;;) {
      const auto [flight, is_mine] = join(key);
      if (is_mine) {
        LeaderGuard leader(*this, key, flight);
        Result<Value> value = make();
        leader.publish(value);
        return {std::move(value), /*shared=*/false, took_over};
      }
      switch (wait(*flight, patience, client)) {
        case Waiting::made:
          return {*flight->value, /*shared=*/true, took_over};
        case Waiting::client_gone:
          return {fail(ErrorKind::client_gone, "The client has left"), true, took_over};
        case Waiting::given_up:
          break;
        case Waiting::too_long:
          leave(key, flight);
          break;
      }
      took_over = true;
    }
  }

 private:
  // But for its condition, guarded by the owner's mutex_, which can not be named here. A value
  // stays as it is once it is there, so that who has seen it under the lock may read it without.
  struct Flight {
    ConditionVariable changed;
    bool given_up = false;
    std::optional<Result<Value>> value;
    bool is_over() const { return value || given_up; }
  };
  using FlightPointer = std::shared_ptr<Flight>;

  enum class Waiting { made, given_up, too_long, client_gone };

  // Ends a flight, well or otherwise, when the thread that makes the value leaves.
  class LeaderGuard {
   public:
    LeaderGuard(SingleFlight& owner, const Digest& key, FlightPointer flight)
        : owner_(owner), key_(key), flight_(std::move(flight)) {}
    LeaderGuard(const LeaderGuard&) = delete;
    LeaderGuard& operator=(const LeaderGuard&) = delete;
    ~LeaderGuard() {
      const MutexLock lock(owner_.mutex_);
      if (!flight_->value) flight_->given_up = true;
      owner_.strike(key_, flight_);
      flight_->changed.notify_all();
    }
    void publish(const Result<Value>& value) {
      if (!value && value.error().kind == ErrorKind::client_gone) return;
      const MutexLock lock(owner_.mutex_);
      flight_->value = value;
    }

   private:
    SingleFlight& owner_;
    const Digest key_;
    const FlightPointer flight_;
  };

  struct KeyHash {
    std::size_t operator()(const Digest& key) const { return static_cast<std::size_t>(key.low); }
  };

  std::pair<FlightPointer, bool> join(const Digest& key) {
    const MutexLock lock(mutex_);
    FlightPointer& known = flights_[key];
    if (known) return {known, false};
    known = std::make_shared<Flight>();
    return {known, true};
  }

  Waiting wait(Flight& flight, std::chrono::milliseconds patience, ClientWatch* client) {
    constexpr std::chrono::milliseconds kSlice{100};
    const auto end = std::chrono::steady_clock::now() + patience;
    MutexLock lock(mutex_);
    while (!flight.is_over()) {
      const std::cv_status waited = flight.changed.wait_for(lock, kSlice);
      if (waited == std::cv_status::no_timeout || flight.is_over()) continue;
      if (std::chrono::steady_clock::now() >= end) return Waiting::too_long;
      lock.unlock();
      const bool gone = client != nullptr && client->gone();
      lock.lock();
      if (gone && !flight.is_over()) return Waiting::client_gone;
    }
    return flight.value ? Waiting::made : Waiting::given_up;
  }

  // The next to come starts anew.
  void leave(const Digest& key, const FlightPointer& flight) {
    const MutexLock lock(mutex_);
    strike(key, flight);
  }

  void strike(const Digest& key, const FlightPointer& flight) IIP_REQUIRES(mutex_) {
    const auto known = flights_.find(key);
    if (known != flights_.end() && known->second == flight) flights_.erase(known);
  }

  Mutex mutex_;  // guards the flights too
  std::unordered_map<Digest, FlightPointer, KeyHash> flights_ IIP_GUARDED_BY(mutex_);
};

}  // namespace iip

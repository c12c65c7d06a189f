// Breaker: whether a server that may be in trouble is asked at all.
//
//   closed  Everybody asks. Each failure weighs as much as four successes; three in a row, or one
//           in five for long, open it.
//   open    Nobody asks. After a pause, whoever tends the server (not a request) may try it, and
//           reports that with rested().
//   trial   One caller asks. If that goes well the breaker closes, else it is open once more.
//
// Thread-safe. A closed breaker without recent failures costs two atomic loads.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "engine/base/mutex.h"

namespace iip {

class Breaker {
 public:
  using Clock = std::chrono::steady_clock;
  enum class State { closed, open, trial };
  enum class Pass { refused, normal, trial };
  enum class Change { none, opened, closed };

  explicit Breaker(Clock::duration rest) : rest_(rest) {}

  State state() const { return state_.load(std::memory_order_acquire); }

  // Whoever gets a pass reports with it, exactly once.
  Pass enter();
  Change report(Pass pass, bool success, Clock::time_point now = Clock::now());

  // When an open breaker may be tried.
  std::optional<Clock::time_point> rests_until() const;
  // It was tried: `well` puts it to trial, otherwise it rests again.
  void rested(bool well, Clock::time_point now = Clock::now());

 private:
  Change open(Clock::time_point now) IIP_REQUIRES(mutex_);

  const Clock::duration rest_;
  std::atomic<State> state_ = State::closed;
  std::atomic<int> weight_ = 0;                   // of recent failures
  mutable Mutex mutex_;                           // held too where the two above are changed
  bool on_trial_ IIP_GUARDED_BY(mutex_) = false;  // the one pass of a trial is out
  Clock::time_point rests_until_ IIP_GUARDED_BY(mutex_){};
};

}  // namespace iip

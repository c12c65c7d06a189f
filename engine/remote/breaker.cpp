#include "engine/remote/breaker.h"

#include <algorithm>

namespace iip {

namespace {

constexpr int kFailureWeight = 4;
constexpr int kWeightThatOpens = 3 * kFailureWeight;

}  // namespace

Breaker::Pass Breaker::enter() {
  const State seen = state();
  if (seen == State::closed) return Pass::normal;
  if (seen == State::open) return Pass::refused;
  const MutexLock lock(mutex_);
  if (state() != State::trial || on_trial_) return Pass::refused;
  on_trial_ = true;
  return Pass::trial;
}

Breaker::Change Breaker::report(Pass pass, bool success, Clock::time_point now) {
  if (pass == Pass::refused) return Change::none;
  if (pass == Pass::normal && success && weight_.load(std::memory_order_relaxed) == 0) {
    return Change::none;
  }
  const MutexLock lock(mutex_);
  if (pass == Pass::trial) {
    on_trial_ = false;
    if (!success) {
      open(now);
      return Change::none;  // it was never closed
    }
    weight_ = 0;
    state_.store(State::closed, std::memory_order_release);
    return Change::closed;
  }
  // One that set out before the breaker opened tells nothing new.
  if (state() != State::closed) return Change::none;
  weight_ = success ? std::max(0, weight_ - 1) : weight_ + kFailureWeight;
  return weight_ >= kWeightThatOpens ? open(now) : Change::none;
}

std::optional<Breaker::Clock::time_point> Breaker::rests_until() const {
  if (state() != State::open) return std::nullopt;
  const MutexLock lock(mutex_);
  return rests_until_;
}

void Breaker::rested(bool well, Clock::time_point now) {
  const MutexLock lock(mutex_);
  if (state() != State::open) return;
  if (well) {
    state_.store(State::trial, std::memory_order_release);
  } else {
    open(now);
  }
}

Breaker::Change Breaker::open(Clock::time_point now) {
  state_.store(State::open, std::memory_order_release);
  rests_until_ = now + rest_;
  return Change::opened;
}

}  // namespace iip

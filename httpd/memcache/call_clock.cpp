#include "httpd/memcache/call_clock.h"

#include <algorithm>

#include "engine/base/signals_blocked.h"

namespace iip {

CallClock::Call::Call(CallClock& clock, LibrarySocket& socket, Clock::time_point until)
    : clock_(clock), socket_(socket), until_(until) {
  const std::lock_guard lock(clock_.mutex_);
  clock_.calls_.push_back(this);
  // Most calls end long before their moment: the clock wakes when the first of them would have been
  // late, and not for each.
  if (until_ < clock_.sleeps_until_) clock_.wake_.notify_one();
}

CallClock::Call::~Call() {
  const std::lock_guard lock(clock_.mutex_);
  std::erase(clock_.calls_, this);
}

bool CallClock::Call::was_ended() const {
  const std::lock_guard lock(clock_.mutex_);
  return ended_;
}

CallClock::CallClock() {
  const SignalsBlocked inherited_by_the_thread;
  thread_ = std::thread([this] { run(); });
}

CallClock::~CallClock() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void CallClock::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    sleeps_until_ = end_late_calls(Clock::now());
    if (sleeps_until_ == Clock::time_point::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, sleeps_until_);
    }
  }
}

CallClock::Clock::time_point CallClock::end_late_calls(Clock::time_point now) {
  auto next = Clock::time_point::max();
  for (Call* call : calls_) {
    if (call->ended_) continue;
    if (call->until_ > now) {
      next = std::min(next, call->until_);
    } else {
      call->ended_ = true;
      call->socket_.shut_down();
    }
  }
  return next;
}

}  // namespace iip

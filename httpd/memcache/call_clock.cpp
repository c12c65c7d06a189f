#include "httpd/memcache/call_clock.h"

#include "engine/base/signals_blocked.h"

namespace iip {

namespace {

constexpr std::chrono::milliseconds kTick(1);

}  // namespace

CallClock::Call::Call(CallClock& clock, LibrarySocket& socket, Clock::time_point until,
                      std::uint64_t most)
    : clock_(clock), socket_(socket), until_(until), most_(most) {
  socket_.count_anew();
  const MutexLock lock(clock_.mutex_);
  clock_.calls_.push_back(this);
  clock_.has_begun_ = true;
  if (clock_.is_asleep_) clock_.wake_.notify_one();
}

CallClock::Call::~Call() {
  const MutexLock lock(clock_.mutex_);
  std::erase(clock_.calls_, this);
}

CallClock::End CallClock::Call::end() const {
  const MutexLock lock(clock_.mutex_);
  return end_;
}

CallClock::CallClock() {
  const SignalsBlocked inherited_by_the_thread;
  thread_ = std::thread([this] { run(); });
}

CallClock::~CallClock() {
  {
    const MutexLock lock(mutex_);
    ended_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

// Sleeps on only when a whole tick has gone by without a call, so that calls which follow closely
// need not wake it, each of them.
void CallClock::run() {
  MutexLock lock(mutex_);
  while (!ended_) {
    const auto now = Clock::now();
    look(now);
    if (calls_.empty() && !has_begun_) {
      is_asleep_ = true;
      wake_.wait(lock);
      is_asleep_ = false;
    } else {
      has_begun_ = false;
      wake_.wait_until(lock, now + kTick);
    }
  }
}

void CallClock::look(Clock::time_point now) {
  for (Call* call : calls_) {
    if (call->end_ != End::none) continue;
    if (call->until_ <= now) {
      call->end_ = End::late;
    } else if (call->socket_.arrived() > call->most_) {
      call->end_ = End::flooded;
    } else {
      continue;
    }
    call->socket_.shut_down();
  }
}

}  // namespace iip

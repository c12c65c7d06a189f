// CallClock: ends calls into apr_memcache that take longer than they may.
//
// The library waits for a server without end, and offers no way out. So whoever calls it says first
// which socket the call will use and until when; when that moment has come, a thread of the clock
// shuts the socket down, and the library returns with an error. One clock does for all servers of a
// process.
//
// Thread-safe. All calls must be over before the clock is destroyed, which ends its thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "httpd/memcache/library_socket.h"

namespace iip {

class CallClock {
 public:
  using Clock = std::chrono::steady_clock;

  // A call in progress, from construction to destruction. The socket is held open by its owner
  // meanwhile.
  class Call {
   public:
    Call(CallClock& clock, LibrarySocket& socket, Clock::time_point until);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // Whether the clock has ended it.
    bool was_ended() const;

   private:
    friend class CallClock;
    CallClock& clock_;
    LibrarySocket& socket_;
    const Clock::time_point until_;
    bool ended_ = false;  // guarded by the clock's mutex
  };

  // Throws std::system_error where there is no thread to be had.
  CallClock();
  ~CallClock();
  CallClock(const CallClock&) = delete;
  CallClock& operator=(const CallClock&) = delete;

 private:
  void run();
  // Ends the calls whose moment has come; the moment of the next one.
  Clock::time_point end_late_calls(Clock::time_point now);

  mutable std::mutex mutex_;  // guards those below
  std::condition_variable wake_;
  std::vector<Call*> calls_;
  Clock::time_point sleeps_until_ = Clock::time_point::max();
  bool ended_ = false;
  std::thread thread_;  // the last member: it uses all the others
};

}  // namespace iip

// CallClock: ends calls into apr_memcache that take longer, or more memory, than they may.
//
// The library waits for a server without end, keeps whatever a server sends until the call is over,
// and offers no way out. So whoever calls it says first which socket the call will use, until when,
// and how much may come; a thread of the clock looks each millisecond, and where it is too late or
// too much, shuts the socket down, upon which the library returns with an error. One clock does for
// all servers of a process.
//
// Thread-safe. All calls must be over before the clock is destroyed, which ends its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"
#include "httpd/memcache/library_socket.h"

namespace iip {

class CallClock {
 public:
  using Clock = std::chrono::steady_clock;
  enum class End { none, late, flooded };

  // A call in progress, from construction to destruction. The socket is held open by its owner
  // meanwhile.
  class Call {
   public:
    // `most` as LibrarySocket::arrived() counts.
    Call(CallClock& clock, LibrarySocket& socket, Clock::time_point until, std::uint64_t most);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // Whether the clock has ended it, and why.
    End end() const;

   private:
    friend class CallClock;
    CallClock& clock_;
    LibrarySocket& socket_;
    const Clock::time_point until_;
    const std::uint64_t most_;
    // Guarded by the clock's mutex_. Not marked so: in look() the analysis could not tell that a
    // call's clock is the one that looks.
    End end_ = End::none;
  };

  // Throws std::system_error where there is no thread to be had.
  CallClock();
  ~CallClock();
  CallClock(const CallClock&) = delete;
  CallClock& operator=(const CallClock&) = delete;

 private:
  void run();
  void look(Clock::time_point now) IIP_REQUIRES(mutex_);

  mutable Mutex mutex_;
  ConditionVariable wake_;
  std::vector<Call*> calls_ IIP_GUARDED_BY(mutex_);
  bool has_begun_ IIP_GUARDED_BY(mutex_) = false;  // a call, since the clock looked
  bool is_asleep_ IIP_GUARDED_BY(mutex_) = false;  // until there is a call
  bool ended_ IIP_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // the last member: it uses all the others
};

}  // namespace iip

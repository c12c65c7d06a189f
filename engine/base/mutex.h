// Locks between the threads of a process: those of the standard library, made known to clang's
// analysis, so that a member marked IIP_GUARDED_BY can not be touched without its lock.
//
// A condition is waited for in a loop of its own ("while (!ready_) changed_.wait(lock);") and not
// by a lambda, within which the analysis would not know that the lock is held.
//
// All of this costs what the standard's types cost. Thread-safe, but for the guards: these belong
// to the thread that made them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "engine/base/thread_annotations.h"

namespace iip {

class MutexLock;

class IIP_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() = default;

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a mutex while it lives, but between unlock() and lock().
class IIP_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) IIP_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() IIP_RELEASE() = default;

  void unlock() IIP_RELEASE() { lock_.unlock(); }
  void lock() IIP_ACQUIRE() { lock_.lock(); }

 private:
  friend class ConditionVariable;
  std::unique_lock<std::mutex> lock_;
};

// Waits with the lock given back, and holds it again afterwards. May wake without a reason.
class ConditionVariable {
 public:
  void wait(MutexLock& lock) { condition_.wait(lock.lock_); }
  template <class Rep, class Period>
  std::cv_status wait_for(MutexLock& lock, const std::chrono::duration<Rep, Period>& patience) {
    return condition_.wait_for(lock.lock_, patience);
  }
  template <class Clock, class Duration>
  std::cv_status wait_until(MutexLock& lock,
                            const std::chrono::time_point<Clock, Duration>& until) {
    return condition_.wait_until(lock.lock_, until);
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

class TimedMutexLock;

// A mutex that need not be waited for without end.
class IIP_CAPABILITY("mutex") TimedMutex {
 public:
  TimedMutex() = default;
  TimedMutex(const TimedMutex&) = delete;
  TimedMutex& operator=(const TimedMutex&) = delete;
  ~TimedMutex() = default;

  // True: it is held, and a TimedMutexLock is to adopt it.
  bool try_lock_for(std::chrono::milliseconds patience) IIP_TRY_ACQUIRE(true) {
    return mutex_.try_lock_for(patience);
  }

 private:
  friend class TimedMutexLock;
  std::timed_mutex mutex_;
};

class IIP_SCOPED_CAPABILITY TimedMutexLock {
 public:
  explicit TimedMutexLock(TimedMutex& mutex) IIP_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  TimedMutexLock(TimedMutex& mutex, std::adopt_lock_t adopt) IIP_REQUIRES(mutex)
      : lock_(mutex.mutex_, adopt) {}
  TimedMutexLock(const TimedMutexLock&) = delete;
  TimedMutexLock& operator=(const TimedMutexLock&) = delete;
  ~TimedMutexLock() IIP_RELEASE() = default;

 private:
  const std::lock_guard<std::timed_mutex> lock_;
};

}  // namespace iip

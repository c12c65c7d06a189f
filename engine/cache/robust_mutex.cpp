#include "engine/cache/robust_mutex.h"

#include <cerrno>
#include <ctime>

namespace iip {
namespace {

// The time at which the patience ends, by the wall clock: pthread_mutex_timedlock knows no other.
// If that clock is set while we wait for a stopped process, this one wait is longer or shorter.
timespec deadline_after(std::chrono::milliseconds patience) {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  const auto nanoseconds = std::chrono::nanoseconds(patience).count() + time.tv_nsec;
  time.tv_sec += static_cast<time_t>(nanoseconds / 1'000'000'000);
  time.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);
  return time;
}

}  // namespace

bool RobustMutex::init() {
  pthread_mutexattr_t attributes;
  if (pthread_mutexattr_init(&attributes) != 0) return false;
  const bool made = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
                    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
                    pthread_mutex_init(&mutex_, &attributes) == 0;
  pthread_mutexattr_destroy(&attributes);
  return made;
}

RobustMutex::Outcome RobustMutex::lock(std::chrono::milliseconds patience) {
  int error = pthread_mutex_trylock(&mutex_);
  if (error == EBUSY) {
    const timespec deadline = deadline_after(patience);
    error = pthread_mutex_timedlock(&mutex_, &deadline);
  }
  if (error == 0) return Outcome::acquired;
  if (error != EOWNERDEAD) return Outcome::unavailable;
  // Consistent at once: should this holder die too, the next is told again.
  pthread_mutex_consistent(&mutex_);
  return Outcome::owner_died;
}

}  // namespace iip

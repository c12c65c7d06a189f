// RobustMutex: a lock between processes that outlives its holder's death.
//
// Lives in shared memory; init() once, before anybody locks. When a holder dies the next one is
// told (owner_died) and must repair what the lock guards before it unlocks. Waiting is bounded: a
// holder that is stopped, or a damaged lock, must not stop the others.
#pragma once

#include <pthread.h>

#include <chrono>

namespace iip {

class RobustMutex {
 public:
  enum class Outcome { acquired, owner_died, unavailable };

  bool init();
  Outcome lock(std::chrono::milliseconds patience);
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_{};
};

}  // namespace iip

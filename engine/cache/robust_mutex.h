// RobustMutex: a lock between processes that outlives its holder's death.
//
// Lives in shared memory; init() once, before anybody locks. When a holder dies the next one is
// told (owner_died) and must repair what the lock guards before it unlocks. Waiting is bounded: a
// holder that is stopped, or a damaged lock, must not stop the others.
//
// For any thread of any process. Whether lock() brought it shows when the program runs, which
// clang's analysis can not follow: it is given back by the destructors of guards alone (LockedShard
// and others), within which that checks nothing.
#pragma once

#include <pthread.h>

#include <chrono>

#include "engine/base/thread_annotations.h"

namespace iip {

class IIP_CAPABILITY("mutex") RobustMutex {
 public:
  enum class Outcome { acquired, owner_died, unavailable };

  bool init();
  Outcome lock(std::chrono::milliseconds patience);
  void unlock() IIP_RELEASE() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_{};
};

}  // namespace iip

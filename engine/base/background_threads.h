// BackgroundThreads: work that gives way to all other work of the process.
//
// A thread may lower its priority, but needs a privilege to raise it again, which servers have
// given up by the time they have requests. So there are threads that begin with a low one and keep
// it: who has work that can wait hands it to one of them and sleeps until it is done. They are
// started when they are needed, as many as there is work at a time, and stay.
//
// The priority is the kernel's (nice): where there are processors enough it changes nothing. Each
// such thread gets a tenth of what one of the process's others does on the same processor, so that
// work goes on however much others have to do.
//
// Thread-safe. All calls must have come back before it is destroyed, which ends the threads.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"

namespace iip {

class BackgroundThreads {
 public:
  static constexpr int kNice = 10;  // added to that of the process

  BackgroundThreads() = default;
  BackgroundThreads(const BackgroundThreads&) = delete;
  BackgroundThreads& operator=(const BackgroundThreads&) = delete;
  ~BackgroundThreads();

  // Comes back when `work` is done; what that throws comes out here. Where the system gives no
  // thread, the caller's own does it.
  void run(const std::function<void()>& work);

 private:
  struct Job;

  // False: there is no thread for one more job, and none can be had.
  bool have_thread() IIP_REQUIRES(mutex_);
  void serve();

  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Job*> waiting_ IIP_GUARDED_BY(mutex_);
  std::size_t jobs_ IIP_GUARDED_BY(mutex_) = 0;  // jobs that wait or are being done
  bool ended_ IIP_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ IIP_GUARDED_BY(mutex_);
};

}  // namespace iip

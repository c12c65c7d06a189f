#include "engine/base/background_threads.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "engine/base/signals_blocked.h"

namespace iip {

namespace {

constexpr int kLowest = 19;

// Lowers the priority of the calling thread alone: where POSIX speaks of a process, Linux takes the
// number of a thread.
void lower_priority() {
  const auto thread = static_cast<id_t>(gettid());
  const int inherited = getpriority(PRIO_PROCESS, thread);
  setpriority(PRIO_PROCESS, thread, std::min(inherited + BackgroundThreads::kNice, kLowest));
}

}  // namespace

// Lies on the stack of the thread that waits for it. What is `done` and `thrown` is guarded by
// mutex_, which can not be named here.
struct BackgroundThreads::Job {
  explicit Job(const std::function<void()>& what) : work(what) {}
  const std::function<void()>& work;
  std::exception_ptr thrown;
  bool done = false;
  ConditionVariable changed;
};

BackgroundThreads::~BackgroundThreads() {
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BackgroundThreads::run(const std::function<void()>& work) {
  Job job(work);
  {
    MutexLock lock(mutex_);
    if (have_thread()) {
      waiting_.push_back(&job);
      ++jobs_;
      changed_.notify_one();
      while (!job.done) job.changed.wait(lock);
      --jobs_;
      if (job.thrown) std::rethrow_exception(job.thrown);
      return;
    }
  }
  work();
}

bool BackgroundThreads::have_thread() {
  if (jobs_ < threads_.size()) return true;
  try {
    const SignalsBlocked inherited_by_the_thread;
    threads_.emplace_back([this] { serve(); });
    return true;
  } catch (const std::exception&) {  // the system gives no thread, or no memory for one
    return false;
  }
}

void BackgroundThreads::serve() {
  lower_priority();
  MutexLock lock(mutex_);
  for (;;) {
    while (!ended_ && waiting_.empty()) changed_.wait(lock);
    if (waiting_.empty()) return;
    Job& job = *waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    std::exception_ptr thrown;
    try {
      job.work();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    job.thrown = thrown;
    job.done = true;
    job.changed.notify_one();
  }
}

}  // namespace iip

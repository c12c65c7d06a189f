#include "engine/service/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace iip {

static_assert(FutexWord::is_always_lock_free && sizeof(FutexWord) == sizeof(std::uint32_t));

// Without FUTEX_PRIVATE_FLAG, which is for the threads of one process.
void wait_for_change(FutexWord& word, std::uint32_t known, std::chrono::milliseconds patience) {
  timespec time{};
  time.tv_sec = patience.count() / 1000;
  time.tv_nsec = static_cast<long>(patience.count() % 1000) * 1'000'000;
  ::syscall(SYS_futex, &word, FUTEX_WAIT, known, &time, nullptr, 0);
}

void wake_all(FutexWord& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace iip

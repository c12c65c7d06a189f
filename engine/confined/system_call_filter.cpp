#include "engine/confined/system_call_filter.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

namespace iip {

namespace {

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// read and write serve who asks for them on nothing: there is no descriptor. A failed assertion
// writes its line, and is to end by its own signal. glibc's qsort asks how much memory there is.
constexpr std::array kAllowed{
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(futex),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(nanosleep),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

bool allow(const Filter& filter, int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
  return seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call,
                                static_cast<unsigned>(conditions.size()), conditions.begin()) == 0;
}

// What finds no descriptor anyway: stdio asks so before it writes the line of a failed assertion.
bool deny_status(const Filter& filter) {
  for (const int call : {SCMP_SYS(fstat), SCMP_SYS(newfstatat)}) {
    if (seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EBADF), call, 0) != 0) return false;
  }
  return true;
}

// `part` of the argument's bits has to be `value`.
scmp_arg_cmp masked(unsigned argument, scmp_datum_t part, scmp_datum_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, part, value};
}

Filter make_filter() {
  Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return filter;
  bool is_whole = deny_status(filter);
  for (const int call : kAllowed) is_whole = is_whole && allow(filter, call);
  // Memory, but none that could be executed.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    is_whole = is_whole && allow(filter, call, {masked(2, PROT_EXEC, 0)});
  }
  // What abort() does.
  const auto self = static_cast<scmp_datum_t>(::getpid());
  const scmp_arg_cmp of_self{0, SCMP_CMP_EQ, self, 0};
  is_whole = is_whole && allow(filter, SCMP_SYS(tgkill), {of_self});
  if (!is_whole) filter.reset();
  return filter;
}

}  // namespace

bool has_system_call_filter() {
  // No kernel reads a filter at no address: what there is of them says so, the rest does not know
  // it.
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) != -1 || errno != EFAULT)
    return false;
  // The library asks the kernel what it can once in a process; those that are forked know it.
  return seccomp_api_get() > 0;
}

bool filter_system_calls() {
  const Filter filter = make_filter();
  return filter && seccomp_load(filter.get()) == 0;
}

}  // namespace iip

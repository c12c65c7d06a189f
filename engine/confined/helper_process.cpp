#include "engine/confined/helper_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>

#include "engine/confined/system_call_filter.h"

namespace iip {

namespace {

// What the heap takes beside what decoders count: what its pieces are rounded up to, the stack.
constexpr std::uint64_t kSlack = std::uint64_t{32} << 20U;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasBoundedMemory = false;
#elif defined(__has_feature)
// A sanitizer's shadow takes terabytes of addresses.
constexpr bool kHasBoundedMemory =
    !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer));
#else
constexpr bool kHasBoundedMemory = true;
#endif

// The hard limit is higher by `grace`.
bool limit(__rlimit_resource resource, std::uint64_t most, std::uint64_t grace = 0) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  const rlimit limits{std::min<rlim_t>(most, now.rlim_max),
                      std::min<rlim_t>(most + grace, now.rlim_max)};
  return ::setrlimit(resource, &limits) == 0;
}

// At the soft limit the kernel sends SIGXCPU, which tells who asked what the decoder ended by; at
// the hard one SIGKILL, which may have come from anybody. Where both are the same, it is SIGKILL.
bool limit_processor_time(std::uint64_t seconds) { return limit(RLIMIT_CPU, seconds, 1); }

bool set_limits(const HelperSetting& setting, const HelperTask& task,
                const ConfinedBlock::Sizes& sizes) {
  bool is_set = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_FSIZE, 0) &&
                limit_processor_time(task.seconds);
  if (kHasBoundedMemory && setting.address_space != 0) {
    is_set = is_set && limit(RLIMIT_AS, setting.address_space + sizes.question + sizes.answer +
                                            task.memory + kSlack);
  }
  return is_set;
}

bool confine(const HelperSetting& setting, const HelperTask& task,
             const ConfinedBlock::Sizes& sizes) {
  if (::close_range(0, ~0U, 0) != 0) return false;
  // One that gives way goes on doing so. What is not allowed is no harm.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, task.nice));
  if (!set_limits(setting, task, sizes)) return false;
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return false;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return !setting.is_filtered || filter_system_calls();
}

Status decode(const ConfinedDecoder& decoder, const ConfinedBlock& block) {
  try {
    return decoder.decode(block.question(), block.answer());
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::corrupt, "", "more memory was wanted than such a picture takes");
  } catch (const std::exception& exception) {
    return fail(ErrorKind::corrupt, "", exception.what());
  }
}

// Signals that its parent leaves alone end a helper.
void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
}

}  // namespace

void be_helper(const HelperSetting& setting, const HelperTask& task, UniqueFd block) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != setting.parent) ::_exit(1);
  ::prctl(PR_SET_NAME, "iip-helper");
  reset_signals();
  const std::optional<ConfinedBlock> mapped = ConfinedBlock::map(std::move(block), task.sizes);
  if (!mapped) ::_exit(1);
  if (!confine(setting, task, mapped->sizes())) {
    mapped->set_verdict(fail(ErrorKind::busy, "", "its process could not be confined"));
    ::_exit(0);
  }
  mapped->set_verdict(decode(setting.table[task.decoder], *mapped));
  ::_exit(0);
}

}  // namespace iip

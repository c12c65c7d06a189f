#include "engine/confined/helper_parent.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <vector>

// glibc before 2.37 does not say itself that these are functions of C.
extern "C" {
#include <sys/pidfd.h>
}

#include "engine/confined/helper_messages.h"
#include "engine/confined/helper_process.h"
#include "engine/confined/own_mappings.h"
#include "engine/confined/system_call_filter.h"

namespace iip {

namespace {

// The most helpers at a time. The server makes far fewer pictures at once.
constexpr std::size_t kMostHelpers = 256;

struct Helper {
  UniqueFd process;
  UniqueFd end;  // to who asked; none once that has left
};

class ParentOfHelpers {
 public:
  ParentOfHelpers(const HelperSetting& setting, int socket) : setting_(setting), socket_(socket) {}

  // Until the socket is closed.
  void serve() {
    std::vector<pollfd> events;
    for (;;) {
      list_events(events);
      if (::poll(events.data(), events.size(), /*timeout=*/-1) < 0) {
        if (errno == EINTR) continue;
        return;
      }
      attend_helpers(events);
      const short of_socket = events.front().revents;
      if ((of_socket & (POLLHUP | POLLERR | POLLNVAL)) != 0) return;
      if ((of_socket & POLLIN) != 0) take_task();
    }
  }

 private:
  // The event of the socket, then two events of each helper.
  void list_events(std::vector<pollfd>& events) const {
    events.assign({{socket_, POLLIN, 0}});
    for (const Helper& helper : helpers_) {
      events.push_back({helper.process.get(), POLLIN, 0});
      events.push_back({helper.end.get(), 0, 0});  // poll passes over a descriptor of -1
    }
  }

  void attend_helpers(const std::vector<pollfd>& events) {
    for (std::size_t i = 0; i < helpers_.size(); ++i) {
      Helper& helper = helpers_[i];
      if (events[1 + 2 * i].revents != 0) {
        bury(helper);
      } else if (events[2 + 2 * i].revents != 0) {
        ::pidfd_send_signal(helper.process.get(), SIGKILL, nullptr, 0);
        helper.end = UniqueFd();
      }
    }
    std::erase_if(helpers_, [](const Helper& helper) { return !helper.process; });
  }

  static void bury(Helper& helper) {
    siginfo_t info{};
    const auto process = static_cast<id_t>(helper.process.get());
    if (::waitid(P_PIDFD, process, &info, WEXITED) != 0) info = {};
    if (helper.end) send_end(helper.end.get(), {info.si_code, info.si_status});
    helper = Helper();
  }

  void take_task() {
    auto received = receive_task(socket_);
    if (!received) return;
    auto& [task, files] = *received;
    if (helpers_.size() >= kMostHelpers || task.decoder >= setting_.table.size() ||
        !start(task, files)) {
      send_end(files.end.get(), {});
    }
  }

  // Takes the files, if it can.
  bool start(const HelperTask& task, HelperTaskFiles& files) {
    helpers_.reserve(helpers_.size() + 1);
    const pid_t process = ::fork();
    if (process < 0) return false;
    if (process == 0) be_helper(setting_, task, std::move(files.block));
    UniqueFd descriptor(::pidfd_open(process, 0));
    if (!descriptor) {
      ::kill(process, SIGKILL);
      ::waitpid(process, nullptr, 0);
      return false;
    }
    helpers_.push_back({std::move(descriptor), std::move(files.end)});
    return true;
  }

  const HelperSetting setting_;
  const int socket_;
  std::vector<Helper> helpers_;
};

// What an administrator sends to the server is not for this process: it ends with its owner. What
// the server has set up for its own signals would act on what is not there any more.
void set_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  for (const int ignored :
       {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGPIPE, SIGALRM, SIGQUIT}) {
    ::signal(ignored, SIG_IGN);
  }
  sigset_t none{};
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// Its number is the least that is not a standard stream's; those are nothing.
UniqueFd keep_only(UniqueFd socket) {
  constexpr int kFirst = 3;
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = 0; nothing >= 0 && stream < kFirst; ++stream) {
    if (nothing != stream && socket.get() != stream) ::dup2(nothing, stream);
  }
  UniqueFd kept(socket.get() == kFirst ? socket.release()
                                       : ::dup3(socket.get(), kFirst, O_CLOEXEC));
  if (::close_range(kFirst + 1, ~0U, 0) != 0) return {};
  static_cast<void>(socket.release());  // closed with the rest
  return kept;
}

bool shut_away() {
  const rlimit no_core{0, 0};
  return ::setsid() >= 0 && ::chdir("/") == 0 && ::setrlimit(RLIMIT_CORE, &no_core) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace

void be_parent_of_helpers(std::span<const ConfinedDecoder> table, UniqueFd socket,
                          pid_t owner) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != owner) ::_exit(1);
  ::prctl(PR_SET_NAME, "iip-helpers");
  set_signals();
  const UniqueFd kept = keep_only(std::move(socket));
  if (!kept) ::_exit(1);
  unmap_shared_memory();
  const HelperSetting setting{table, ::getpid(), mapped_bytes(), has_system_call_filter()};
  if (!shut_away()) ::_exit(1);
  ParentOfHelpers(setting, kept.get()).serve();
  ::_exit(0);
}

}  // namespace iip

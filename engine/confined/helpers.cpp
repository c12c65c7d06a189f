#include "engine/confined/helpers.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>

#include "engine/base/signals_blocked.h"
#include "engine/confined/helper_messages.h"
#include "engine/confined/helper_parent.h"

namespace iip {

namespace {

using namespace std::chrono_literals;

// How often who waits for a helper looks whether the client is still there, and the time not over.
constexpr auto kGlance = 20ms;

tl::unexpected<Error> no_process(std::string detail) {
  return fail(ErrorKind::busy, "The server is busy; try again shortly", std::move(detail));
}

tl::unexpected<Error> too_long(const std::string& detail) {
  return fail(ErrorKind::internal, "The picture took too long to make",
              detail + " of one request (IIPRenderTimeout)");
}

std::string name_of_signal(int number) {
  const char* name = ::sigabbrev_np(number);
  return std::to_string(number) + (name != nullptr ? " (SIG" + std::string(name) + ")" : "");
}

bool was_killed(const HelperEnd& end) { return end.code != CLD_EXITED; }
bool is_late(const HelperEnd& end) { return was_killed(end) && end.status == SIGXCPU; }

// The outcome of a helper that was started.
Status outcome_of(const HelperEnd& end, const ConfinedBlock& block) {
  if (is_late(end)) return too_long("the decoder used up the processor time");
  if (was_killed(end)) return damaged("the decoder ended by signal " + name_of_signal(end.status));
  if (end.status == 0) return block.verdict();
  return damaged("the decoder ended by itself with status " + std::to_string(end.status));
}

bool is_readable(int socket, std::chrono::milliseconds within) {
  pollfd event{socket, POLLIN, 0};
  return ::poll(&event, 1, static_cast<int>(within.count())) > 0;
}

}  // namespace

Result<std::unique_ptr<Helpers>> Helpers::start(std::span<const ConfinedDecoder> table,
                                                std::chrono::seconds most_processor_time,
                                                HelperCounters* counters) {
  auto [ours, theirs] = helper_sockets();
  const pid_t owner = ::getpid();
  const SignalsBlocked blocked;  // until the new process has handlers of its own
  const pid_t parent = ours ? ::fork() : -1;
  if (parent < 0) {
    return fail(ErrorKind::internal, "No process for decoders",
                std::generic_category().message(errno));
  }
  if (parent == 0) be_parent_of_helpers(table, std::move(theirs), owner);
  return std::unique_ptr<Helpers>(
      new Helpers(table, most_processor_time, counters, std::move(ours), parent));
}

Helpers::~Helpers() {
  constexpr int kGlances = 50;
  socket_ = UniqueFd();
  // It ends as soon as it notices, and is waited for so that it leaves no zombie.
  for (int i = 0; i < kGlances; ++i) {
    if (::waitpid(parent_, nullptr, WNOHANG) != 0) return;
    std::this_thread::sleep_for(2ms);
  }
  ::kill(parent_, SIGKILL);
  ::waitpid(parent_, nullptr, 0);
}

void Helpers::count(HelperCounters::Counter HelperCounters::*counter) const {
  if (counters_ != nullptr) HelperCounters::count(counters_->*counter);
}

tl::unexpected<Error> Helpers::refused(tl::unexpected<Error> error) const {
  count(&HelperCounters::refused);
  return error;
}

// The socket that tells of the helper's end.
Result<UniqueFd> Helpers::send(const ConfinedTask& task, const ConfinedBlock& block,
                               const Deadline& deadline) const {
  auto [ours, theirs] = helper_sockets();
  if (!ours) return no_process("no socket: " + std::generic_category().message(errno));
  const auto seconds = std::clamp(deadline.left(), 1s, most_processor_time_);
  const HelperTask message{static_cast<std::uint32_t>(task.decoder),
                           ::getpriority(PRIO_PROCESS, 0),
                           static_cast<std::uint32_t>(seconds.count()),
                           0,
                           task.memory,
                           block.sizes()};
  switch (send_task(socket_.get(), message, block.descriptor(), theirs.get())) {
    case Sent::yes:
      return std::move(ours);
    case Sent::full:
      return no_process("the parent of helpers has too much to do");
    case Sent::closed:
      break;
  }
  return no_process("the parent of helpers, process " + std::to_string(parent_) +
                    ", was ended; there is none until this child of the server is replaced");
}

Status Helpers::run(const ConfinedTask& task, const ConfinedBlock& block,
                    const Deadline& deadline) {
  const ConfinedDecoder& decoder = table_[task.decoder];
  if (auto in_time = deadline.check(); !in_time) return in_time;
  const Result<UniqueFd> end = send(task, block, deadline);
  if (!end) return named(decoder, refused(tl::unexpected(end.error())));
  while (!is_readable(end->get(), kGlance)) {
    auto in_time = deadline.check();
    if (in_time) continue;
    count(&HelperCounters::started);
    // The socket is closed here, and so the helper killed there.
    if (in_time.error().kind == ErrorKind::client_gone) return in_time;
    count(&HelperCounters::ended_by_deadline);
    return named(decoder, too_long("the decoder gave no answer within the time"));
  }
  const auto told = receive_end(end->get());
  if (!told) return named(decoder, refused(no_process("the parent of helpers was ended")));
  if (told->code == HelperEnd::kNotStarted) {
    return named(decoder, refused(no_process("no process could be started for the decoder")));
  }
  count(&HelperCounters::started);
  if (was_killed(*told)) {
    count(is_late(*told) ? &HelperCounters::ended_by_deadline : &HelperCounters::ended_by_signal);
  }
  return named(decoder, outcome_of(*told, block));
}

}  // namespace iip

// Processes of their own for tests of what lies in shared memory.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace iip::test {

// Runs `act` in a process of its own, which ends with the test at the latest. Returns its number.
inline pid_t in_child(const std::function<void()>& act) {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  act();
  _exit(0);
}

// The signal that ended a child; 0 if it ended by itself and well; -1 else.
inline int ended_by(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1;
  if (WIFSIGNALED(status)) return WTERMSIG(status);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

}  // namespace iip::test

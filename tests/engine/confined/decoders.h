// Decoders that do what a library may do over hostile bytes, or a hostile file by way of it.
#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "engine/confined/decoder.h"

namespace iip::test {

// The number that is the whole question.
template <class T>
T asked_number(ByteSpan question) {
  T number{};
  std::memcpy(&number, question.data(), std::min(sizeof number, question.size()));
  return number;
}

inline Status reverse(ByteSpan question, std::span<std::uint8_t> answer) {
  std::reverse_copy(question.begin(), question.end(), answer.begin());
  return {};
}

inline Status refuse(ByteSpan, std::span<std::uint8_t>) {
  return fail(ErrorKind::unsupported, "", "not\nthis " + std::string(1000, 'x'));
}

[[noreturn]] inline Status abort_it(ByteSpan, std::span<std::uint8_t>) { std::abort(); }

inline Status spin(ByteSpan, std::span<std::uint8_t> answer) {
  volatile std::uint8_t* changes = answer.data();
  for (;;) *changes = static_cast<std::uint8_t>(*changes + 1);
}

// One that is deaf to the signal that ends it.
inline Status spin_deaf(ByteSpan question, std::span<std::uint8_t> answer) {
  ::signal(SIGXCPU, SIG_IGN);
  return spin(question, answer);
}

inline Status sleep_on(ByteSpan, std::span<std::uint8_t>) {
  for (;;) ::sleep(1);
}

inline Status leave(ByteSpan question, std::span<std::uint8_t>) {
  ::_exit(asked_number<std::uint8_t>(question));
}

// Fills as much memory as it is asked for.
inline Status allocate(ByteSpan question, std::span<std::uint8_t>) {
  std::vector<std::uint8_t> much(asked_number<std::uint64_t>(question), 1);
  return much.back() == 1 ? Status() : fail(ErrorKind::corrupt, "");
}

inline Status touch(ByteSpan question, std::span<std::uint8_t> answer) {
  answer[0] = *asked_number<volatile std::uint8_t*>(question);
  return {};
}

// Whether any descriptor is open is all that these calls would tell.
inline Status count_descriptors(ByteSpan, std::span<std::uint8_t> answer) {
  constexpr int kMost = 4096;
  char byte = 0;
  for (int fd = 0; fd < kMost; ++fd) {
    const bool can_read = ::read(fd, &byte, 0) == 0 || errno != EBADF;
    const bool can_write = ::write(fd, &byte, 0) == 0 || errno != EBADF;
    if (can_read || can_write) ++answer[0];
  }
  return {};
}

inline Status open_file(ByteSpan, std::span<std::uint8_t> answer) {
  answer[0] = ::open("/etc/passwd", O_RDONLY) >= 0 ? 1 : 0;
  return {};
}

inline Status open_socket(ByteSpan, std::span<std::uint8_t> answer) {
  answer[0] = ::socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 1 : 0;
  return {};
}

inline Status fork_off(ByteSpan, std::span<std::uint8_t>) {
  ::fork();
  return {};
}

inline Status kill_another(ByteSpan question, std::span<std::uint8_t>) {
  ::kill(asked_number<pid_t>(question), SIGKILL);
  return {};
}

// The way that is open to abort(), but to another process.
inline Status abort_another(ByteSpan question, std::span<std::uint8_t>) {
  const auto process = asked_number<pid_t>(question);
  ::syscall(SYS_tgkill, process, process, SIGABRT);
  return {};
}

inline Status map_code(ByteSpan, std::span<std::uint8_t>) {
  ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return {};
}

// A failure of a kind that no file causes, whose text has no end; with what lies before the
// question overwritten as a decoder that was taken over could.
inline Status lie(ByteSpan question, std::span<std::uint8_t>) {
  constexpr std::size_t kVerdict = 256;
  constexpr std::array<std::uint32_t, 3> kFailure{2, 0x7FFFFFFF, 0xFFFFFFFF};
  auto* verdict = const_cast<std::uint8_t*>(question.data()) - kVerdict;
  std::memset(verdict, '\n', kVerdict);
  std::memcpy(verdict, kFailure.data(), sizeof kFailure);
  ::_exit(0);
}

enum Number : std::size_t {
  kReverse,
  kRefuse,
  kAbort,
  kSpin,
  kSleep,
  kLeave,
  kAllocate,
  kTouch,
  kCountDescriptors,
  kOpenFile,
  kOpenSocket,
  kFork,
  kKillAnother,
  kAbortAnother,
  kMapCode,
  kLie,
  kSpinDeaf,
};

inline constexpr std::array<ConfinedDecoder, 17> kDecoders{{
    {"reverse", reverse},
    {"refuse", refuse},
    {"abort", abort_it},
    {"spin", spin},
    {"sleep", sleep_on},
    {"leave", leave},
    {"allocate", allocate},
    {"touch", touch},
    {"count", count_descriptors},
    {"open", open_file},
    {"socket", open_socket},
    {"fork", fork_off},
    {"kill", kill_another},
    {"tgkill", abort_another},
    {"code", map_code},
    {"lie", lie},
    {"spin deaf", spin_deaf},
}};

}  // namespace iip::test

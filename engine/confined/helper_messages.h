// What a process and its parent of helpers tell each other, and the sockets for it.
//
// The two processes run the same program, one forked from the other, so the messages are plain
// data. They go over sockets that keep the bounds of messages. Nothing here is ever read from a
// process that decodes: that has no socket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "engine/base/file.h"
#include "engine/confined/confined_block.h"

namespace iip {

// To the parent of helpers, with the descriptors of the block and of a socket for the end. That
// socket's other end is kept by who asks; to close it is to call the helper off.
struct HelperTask {
  std::uint32_t decoder = 0;
  std::int32_t nice = 0;  // of the thread that asks
  std::uint32_t seconds = 0;
  std::uint32_t reserved = 0;
  std::uint64_t memory = 0;
  ConfinedBlock::Sizes sizes;
};

struct HelperTaskFiles {
  UniqueFd block;
  UniqueFd end;
};

// To who asked: how the helper ended, by waitid's names. kNotStarted is none of those.
struct HelperEnd {
  static constexpr std::int32_t kNotStarted = 0;
  std::int32_t code = kNotStarted;  // CLD_EXITED, CLD_KILLED, CLD_DUMPED
  std::int32_t status = 0;          // the exit status or the signal
};

// Two ends of a connection; both without a descriptor where the system has none left.
std::pair<UniqueFd, UniqueFd> helper_sockets();

enum class Sent : std::uint8_t { yes, full, closed };
Sent send_task(int socket, const HelperTask& task, int block, int end);
// The task in a message that is waiting. nullopt: there is none, or it is not whole.
std::optional<std::pair<HelperTask, HelperTaskFiles>> receive_task(int socket);

void send_end(int socket, const HelperEnd& end);
// nullopt: the other side has closed without one.
std::optional<HelperEnd> receive_end(int socket);

}  // namespace iip

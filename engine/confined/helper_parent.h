// The parent of helpers: a small process with one thread that forks the processes that decode.
//
// It was forked from a process of the server while that had nobody's pictures and no threads, and
// so are its helpers: what they find in memory is the program and its configuration. It lets go of
// all descriptors but the socket to who forked it, and of all memory that is shared with others. It
// has a session of its own, so that signals to the server's process group pass it by, and ends when
// that socket is closed, or at once when the thread that forked it ends.
//
// It never looks at a question or an answer.
#pragma once

#include <sys/types.h>

#include <span>

#include "engine/base/file.h"
#include "engine/confined/decoder.h"

namespace iip {

// In the forked process. `owner` is the process that forked it.
[[noreturn]] void be_parent_of_helpers(std::span<const ConfinedDecoder> table, UniqueFd socket,
                                       pid_t owner) noexcept;

}  // namespace iip

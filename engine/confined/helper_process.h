// The process that decodes: one question, then it ends.
//
// Forked by the parent of helpers, which has one thread. When it begins to decode it has no
// descriptor at all, and of memory what its parent had, a bounded heap, and the block of the
// question. It may make the system calls of system_call_filter.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

#include "engine/confined/decoder.h"
#include "engine/confined/helper_messages.h"

namespace iip {

struct HelperSetting {
  std::span<const ConfinedDecoder> table;
  pid_t parent = 0;
  std::uint64_t address_space = 0;  // bytes that the parent has mapped; 0: that is not known
  bool is_filtered = false;         // the kernel has filters of system calls
};

// `block` as in the task.
[[noreturn]] void be_helper(const HelperSetting& setting, const HelperTask& task, UniqueFd block);

}  // namespace iip

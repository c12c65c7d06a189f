// What the ways of opening a picture have in common.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace iip {

// O_NONBLOCK: a FIFO must not hold the thread. O_NOCTTY: a terminal must not become ours.
constexpr int kFileFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr int kListFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;  // of a folder: to list it

tl::unexpected<Error> image_not_there(std::string detail);

// Why a picture could not be opened, by `number`, an errno: forbidden (no permission), busy (no
// descriptors or memory), unsupported (the kernel lacks the call), else not_found.
tl::unexpected<Error> open_failure(int number);

// openat2 with O_ flags and RESOLVE_ flags; -1 and errno where it fails. `name` is relative to
// `folder`, an open descriptor, or AT_FDCWD.
int open_resolved(int folder, const char* name, int flags, std::uint64_t resolve);

}  // namespace iip

// Whether a process of the host is alive: one that was killed gives back what it held in shared
// memory by being found dead.
#pragma once

#include <cstdint>

namespace iip {

// One that is a zombie is not: it stays on until its parent, which may be slow, looks at it.
// Processes of other users count too. A number that was given to another process since is alive.
bool is_process_alive(std::int32_t process);

}  // namespace iip

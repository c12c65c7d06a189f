// What the calling process has mapped, as /proc says: where that is not mounted, nothing is known.
#pragma once

#include <cstdint>

namespace iip {

// Lets go of all memory that is shared with other processes. Nothing may point there any more.
void unmap_shared_memory();

// Bytes of the address space that are in use; 0: not known.
std::uint64_t mapped_bytes();

}  // namespace iip

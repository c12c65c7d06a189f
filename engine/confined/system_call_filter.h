// The system calls that a helper may make: those for its heap, and to end. By libseccomp.
#pragma once

namespace iip {

// Whether the kernel has such filters. Without, helpers have their other limits alone.
bool has_system_call_filter();

// Confines the calling process, which has one thread, for the rest of its life: any other call ends
// it by SIGSYS. False: it is not confined.
bool filter_system_calls();

}  // namespace iip

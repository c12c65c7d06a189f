// The ways in which open_beneath() walks, in the order in which it tries them: the first is one
// system call and does for nearly all files, the last is for kernels without the others.
#pragma once

#include "engine/files/open_beneath.h"

namespace iip {

enum class BeneathWalk {
  at_once,     // openat2 of the whole path; where a link is part of it, not_found
  kernel,      // openat2 below the open root; unsupported where the kernel has none or a sandbox
               // forbids it
  components,  // one openat with O_NOFOLLOW for each component; links are never followed
};

// As open_beneath(), one way only. `name` was checked with check_image_name().
Result<File> open_beneath_by(BeneathWalk walk, const char* root, std::string_view name);

// What is opened, by O_ flags: kFileFlags, or kListFlags for a folder.
Result<UniqueFd> open_descriptor_beneath(BeneathWalk walk, const char* root, std::string_view name,
                                         int flags);

}  // namespace iip

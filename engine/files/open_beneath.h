// Opening a file below a root folder, whatever its name contains.
#pragma once

#include <string_view>

#include "engine/base/file.h"
#include "engine/base/result.h"

namespace iip {

// Rejects names that no image has: empty, absolute, with empty, '.' or '..' segments, NUL, control
// characters or backslashes. The error is not_found, as for a file that is not there.
Status check_image_name(std::string_view name);

// Opens `name` (checked as above) below `root` for reading. The kernel guarantees that the walk
// never leaves `root` (openat2 with RESOLVE_BENEATH); where it lacks openat2, each component is
// opened with O_NOFOLLOW. Symbolic links that stay below the root are followed, whoever made them:
// where that is not to be, see open_walked.h. Never blocks on a FIFO; anything but a regular file
// is not_found. Errors: not_found, forbidden (no permission), busy (no descriptors).
Result<File> open_beneath(const char* root, std::string_view name);

// Likewise a folder, to list what is in it. `name` is "" for the root itself.
Result<UniqueFd> open_folder_beneath(const char* root, std::string_view name);

}  // namespace iip

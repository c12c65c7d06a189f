// The two ways in which open_beneath() walks; the second is for kernels without the first.
#pragma once

#include "engine/source/open_beneath.h"

namespace iip {

enum class BeneathWalk {
  kernel,      // openat2; unsupported where the kernel has none or a sandbox forbids it
  components,  // one openat with O_NOFOLLOW for each component; links are never followed
};

// As open_beneath(), one way only. `name` was checked with check_image_name().
Result<File> open_beneath_by(BeneathWalk walk, const char* root, std::string_view name,
                             bool follow_links);

}  // namespace iip

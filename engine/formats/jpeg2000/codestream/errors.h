// The errors of JPEG 2000 files: of the codestream, and of the boxes around it (JP2).
#pragma once

#include <string>
#include <utility>

#include "engine/base/result.h"

namespace iip {

inline tl::unexpected<Error> damaged_codestream(std::string detail) {
  return damaged("JPEG 2000: " + std::move(detail));
}

inline tl::unexpected<Error> damaged_jp2(std::string detail) {
  return damaged("JP2: " + std::move(detail));
}

// For a codestream that is valid as far as it was read.
inline tl::unexpected<Error> unsupported_codestream(std::string detail) {
  return fail(ErrorKind::unsupported, "This kind of JPEG 2000 image is not supported",
              "JPEG 2000: " + std::move(detail));
}

}  // namespace iip

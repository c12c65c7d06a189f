// The error of work for which the system has no memory.
#pragma once

#include <string>
#include <utility>

#include "engine/base/result.h"

namespace iip {

// `where` is for the log: a library, or a part of the server.
inline tl::unexpected<Error> no_memory(std::string where) {
  return fail(ErrorKind::busy, "The server is busy; try again shortly",
              std::move(where) + ": no memory");
}

}  // namespace iip

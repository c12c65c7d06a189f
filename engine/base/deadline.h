// When a request must be done. Long work asks between its steps, so that a picture that takes too
// long ends with `busy` (503) and not with a thread that is lost to it.
#pragma once

#include <chrono>

#include "engine/base/result.h"

namespace iip {

class Deadline {
 public:
  Deadline() = default;  // never
  static Deadline after(std::chrono::seconds time) {
    Deadline deadline;
    deadline.at_ = Clock::now() + time;
    return deadline;
  }

  Status check() const {
    if (Clock::now() < at_) return {};
    return fail(ErrorKind::busy, "The picture took too long to make; try again later",
                "the time of one request is over (IIPRenderTimeout)");
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_ = Clock::time_point::max();
};

}  // namespace iip

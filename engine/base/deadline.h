// When a request must be done. Long work asks between its steps, so that a picture that takes too
// long ends with `busy` (503), and one that nobody waits for any more with `client_gone`, and not
// with a thread that is lost to it.
#pragma once

#include <chrono>

#include "engine/base/client_watch.h"
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

  // `client` may be null, and must outlive the deadline.
  void watch(ClientWatch* client) { client_ = client; }

  // Whole seconds until then, rounded up; a great number where there is no end. For limits that the
  // system keeps.
  std::chrono::seconds left() const {
    return std::chrono::ceil<std::chrono::seconds>(at_ - Clock::now());
  }

  Status check() const {
    if (!is_over()) return {};
    return failure();
  }

  // For callbacks of C libraries, which can say no more than that they are to stop; failure() is
  // the error, once they have.
  bool is_over() const { return (client_ != nullptr && client_->gone()) || Clock::now() >= at_; }
  tl::unexpected<Error> failure() const {
    if (Clock::now() < at_) return fail(ErrorKind::client_gone, "The client has left");
    return fail(ErrorKind::busy, "The picture took too long to make; try again later",
                "the time of one request is over (IIPRenderTimeout)");
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_ = Clock::time_point::max();
  ClientWatch* client_ = nullptr;
};

}  // namespace iip

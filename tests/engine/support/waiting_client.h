// Clients by which a test knows that a request waits: they are asked whether they are still there
// while it does.
#pragma once

#include <functional>
#include <utility>

#include "engine/base/client_watch.h"

namespace iip::test {

// Does `act` the first time that it is asked. Stays, unless it `leaves`.
class WaitingClient : public ClientWatch {
 public:
  explicit WaitingClient(std::function<void()> act, bool leaves = false)
      : act_(std::move(act)), leaves_(leaves) {}

  bool gone() override {
    if (act_) std::exchange(act_, nullptr)();
    return leaves_;
  }

 private:
  std::function<void()> act_;
  const bool leaves_;
};

}  // namespace iip::test

// A client that counts how often it is asked whether it is still there, and leaves after a number
// of times.
#pragma once

#include <limits>

#include "engine/base/client_watch.h"

namespace iip::test {

class CountingClient : public ClientWatch {
 public:
  static constexpr int kNever = std::numeric_limits<int>::max();

  // The `last` answer, and all behind it, is that it has left.
  explicit CountingClient(int last) : last_(last) {}

  bool gone() override { return ++asked_ >= last_; }
  int asked() const { return asked_; }

 private:
  const int last_;
  int asked_ = 0;
};

}  // namespace iip::test

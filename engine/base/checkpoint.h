// Asking a deadline from within a loop, where it is due.
//
// A deadline looks at the clock and at the client's connection, which takes about as long as a few
// thousand samples do. So loops count what they have done, and ask once it may have been some
// milliseconds: a picture of which nobody wants the rest ends that soon, and a viewer's tile, which
// is done sooner, never asks. Belongs to the thread whose loop it is.
#pragma once

#include <cstdint>

#include "engine/base/deadline.h"

namespace iip {

class Checkpoint {
 public:
  // How many samples are passed between two looks at the deadline: copying them, adding them up or
  // converting each by a few instructions takes a millisecond or two.
  static constexpr std::uint64_t kInterval = std::uint64_t{1} << 18U;
  // What one sample counts as in work that takes a hundred instructions or more for each.
  static constexpr std::uint64_t kSlow = 16;

  // The deadline must outlive the checkpoint.
  explicit Checkpoint(const Deadline& deadline) : deadline_(deadline) {}

  // `samples` more were done. Errors: the deadline's.
  Status pass(std::uint64_t samples) {
    if (!ends(samples)) return {};
    return deadline_.failure();
  }
  // Counts samples as pass() does, but only tells whether the time is over: for callbacks of C
  // libraries, which can not return an error (see Deadline::is_over()).
  bool ends(std::uint64_t samples) {
    passed_ += samples;
    if (passed_ < kInterval) return false;
    passed_ = 0;
    return deadline_.is_over();
  }

 private:
  const Deadline& deadline_;
  std::uint64_t passed_ = 0;
};

// Calls `row` with 0 to `rows` - 1, each of which is work for `samples`, until the deadline ends
// it.
template <class Row>
Status for_rows(std::int64_t rows, std::uint64_t samples, const Deadline& deadline, Row row) {
  Checkpoint checkpoint(deadline);
  for (std::int64_t y = 0; y < rows; ++y) {
    row(y);
    if (Status in_time = checkpoint.pass(samples); !in_time) return in_time;
  }
  return {};
}

}  // namespace iip

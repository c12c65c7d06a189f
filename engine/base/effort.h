// Work of the processor is counted before it is done.
//
// A file may refer to far more than it holds: a million tiles that are the same few bytes, pages
// that share one strip of a gigabyte of zeros. What decoding them takes follows from their number
// and size, so a request that would take too much of it is refused (too_large, 413) before it
// begins, and not when its time is over. A large file has a right to more than a small one.
//
// An EffortLimit is one request's, and belongs to that request's thread.
#pragma once

#include <cstdint>

#include "engine/base/result.h"

namespace iip {

// What reading some pixels takes at most.
struct Effort {
  // A block is what the file stores at a time: it is looked up, fetched and set up for. One whose
  // codec takes longer to set up counts as several.
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;  // decoded bytes
};

class EffortLimit {
 public:
  // The most blocks that one request may read, which take about a second.
  static constexpr std::uint64_t kMostBlocks = std::uint64_t{1} << 20U;
  // What any file may take, in half a second or so, and how much more for each byte that it has:
  // pictures of one colour are stored in a thousandth of their size, drawings in a hundredth.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{512} << 20U;
  static constexpr std::uint64_t kMostBytesAStoredByte = 256;

  // Adds what is about to be read of a file of `file_bytes`. Errors: too_large, if that is more
  // than this request may take with all that was read before.
  Status spend(const Effort& effort, std::uint64_t file_bytes);

 private:
  Effort spent_;
  std::uint64_t largest_file_ = 0;
};

}  // namespace iip

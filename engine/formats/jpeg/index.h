// JpegIndex: where the MCUs of a scan begin, so that any of them can be read without those before.
//
// One position is noted every few dozen MCUs (16 bytes each; at most 64 Ki positions, 1 MB, for the
// largest of pictures). They are found by reading the scan once from its beginning, as far as it is
// asked for and no further: what was found is kept, so that a request that runs out of time has
// brought the next one forward.
//
// Thread-safe: one thread reads on, others that need what it will find wait for it, within their
// own deadlines.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/deadline.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg/scan.h"
#include "engine/source/stored_bytes.h"

namespace iip {

class JpegIndex {
 public:
  // `scan` must outlive the index.
  explicit JpegIndex(const JpegScan& scan);

  struct Entry {
    std::int64_t mcu = 0;
    JpegPosition position;
  };
  // The last known place that is not behind `mcu`: at most interval() - 1 MCUs before it. `bytes`
  // is the stream, the same at every call. Errors: corrupt, busy.
  Result<Entry> find(StoredBytes bytes, std::int64_t mcu, const Deadline& deadline) const;

  std::int64_t interval() const { return interval_; }
  // The memory that the index takes once the whole scan was read.
  std::uint64_t most_bytes() const;
  // How many MCUs were read to make the index: a measure of the work.
  std::int64_t mcus_read() const;

 private:
  Status extend(StoredBytes bytes, std::size_t count, const Deadline& deadline) const
      IIP_REQUIRES(mutex_);

  const JpegScan& scan_;
  const std::int64_t interval_;
  mutable TimedMutex mutex_;
  mutable std::vector<JpegPosition> positions_ IIP_GUARDED_BY(mutex_);
  mutable std::int64_t mcus_read_ IIP_GUARDED_BY(mutex_) = 0;
};

}  // namespace iip

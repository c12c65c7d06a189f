#include "engine/formats/jpeg/index.h"

#include <algorithm>
#include <chrono>

#include "engine/formats/jpeg/mcu_reader.h"

namespace iip {

namespace {

// Reading 32 MCUs costs less than decoding the MCUs of a tile's row does.
constexpr std::int64_t kLeastInterval = 32;
constexpr std::int64_t kMostPositions = std::int64_t{1} << 16;
constexpr std::size_t kWindow = std::size_t{256} << 10;
constexpr std::int64_t kPositionsBetweenChecks = 64;
constexpr std::chrono::milliseconds kPatience{20};

}  // namespace

JpegIndex::JpegIndex(const JpegScan& scan)
    : scan_(scan), interval_(std::max(kLeastInterval, ceil_div(scan.mcu_count(), kMostPositions))) {
  positions_.push_back({8 * scan.offset(), {}});
}

Result<JpegIndex::Entry> JpegIndex::find(StoredBytes bytes, std::int64_t mcu,
                                         const Deadline& deadline) const {
  while (!mutex_.try_lock_for(kPatience)) {
    if (Status in_time = deadline.check(); !in_time) return pass_on(in_time);
  }
  const TimedMutexLock lock(mutex_, std::adopt_lock);
  const auto at = static_cast<std::size_t>(mcu / interval_);
  if (Status status = extend(bytes, at + 1, deadline); !status) return pass_on(status);
  return Entry{static_cast<std::int64_t>(at) * interval_, positions_[at]};
}

Status JpegIndex::extend(StoredBytes bytes, std::size_t count, const Deadline& deadline) const {
  if (positions_.size() >= count) return {};
  JpegMcuReader reader(scan_, bytes, kWindow);
  Status status =
      reader.seek(static_cast<std::int64_t>(positions_.size() - 1) * interval_, positions_.back());
  while (status && positions_.size() < count) {
    status = reader.skip(interval_);
    if (!status) break;
    positions_.push_back(reader.position());
    if (reader.mcu() / interval_ % kPositionsBetweenChecks == 0) status = deadline.check();
  }
  mcus_read_ += reader.mcus_read();
  return status;
}

std::uint64_t JpegIndex::most_bytes() const {
  const auto positions = static_cast<std::uint64_t>(ceil_div(scan_.mcu_count(), interval_));
  return positions * sizeof(JpegPosition);
}

std::int64_t JpegIndex::mcus_read() const {
  const TimedMutexLock lock(mutex_);
  return mcus_read_;
}

}  // namespace iip

// A stretch of a file, or of memory, as a ByteFeed, with a head before it. For one thread at a
// time.
#pragma once

#include "engine/base/deadline.h"
#include "engine/source/byte_feed.h"
#include "engine/source/stored_bytes.h"

namespace iip {

class FileFeed : public ByteFeed {
 public:
  // `head`, then `bytes` from `offset` to their end. All that is given must outlive the feed.
  FileFeed(ByteSpan head, StoredBytes bytes, std::uint64_t offset, const Deadline& deadline)
      : head_(head), bytes_(bytes), offset_(offset), deadline_(deadline) {}

  Result<ByteSpan> next() override {
    if (!head_.empty()) return std::exchange(head_, {});
    if (Status in_time = deadline_.check(); !in_time) return pass_on(in_time);
    const std::uint64_t left = bytes_.size() - std::min(bytes_.size(), offset_);
    piece_.resize(static_cast<std::size_t>(std::min(left, kPiece)));
    if (Status status = bytes_.read_at(offset_, piece_); !status) return pass_on(status);
    offset_ += piece_.size();
    return ByteSpan(piece_);
  }

 private:
  static constexpr std::uint64_t kPiece = std::uint64_t{64} << 10;

  ByteSpan head_;
  const StoredBytes bytes_;
  std::uint64_t offset_;
  const Deadline& deadline_;
  ByteVector piece_;
};

}  // namespace iip

// Bytes of a MemoryPool that something kept between requests holds, given back when it goes.
#pragma once

#include <cstdint>

#include "engine/base/budget.h"

namespace iip {

class PoolShare {
 public:
  // `pool` must outlive the share; nullptr: nobody counts, and there is always room.
  PoolShare(MemoryPool* pool, std::uint64_t bytes)
      : pool_(pool), bytes_(bytes), has_room_(pool == nullptr || pool->take(bytes)) {}
  PoolShare(const PoolShare&) = delete;
  PoolShare& operator=(const PoolShare&) = delete;
  ~PoolShare() {
    if (pool_ != nullptr && has_room_) pool_->give_back(bytes_);
  }

  bool has_room() const { return has_room_; }

 private:
  MemoryPool* const pool_;
  const std::uint64_t bytes_;
  const bool has_room_;
};

}  // namespace iip

// SharedBlock: anonymous memory that a process shares with those it forks, zero at the start, and
// aligned to pages. It has no name that another user could open. Unmapped when the last owner in
// this process is gone; other processes keep theirs. The object is for one thread at a time; what
// threads and processes may do with the memory is up to those who lay it out.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "engine/base/result.h"

namespace iip {

class SharedBlock {
 public:
  static Result<SharedBlock> create(std::size_t bytes);

  SharedBlock(SharedBlock&& other) noexcept : block_(std::exchange(other.block_, {})) {}
  SharedBlock& operator=(SharedBlock&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBlock();

  std::span<std::byte> span() const { return block_; }
  // Gives it away: unmap(span) when it is done with.
  std::span<std::byte> release() { return std::exchange(block_, {}); }
  static void unmap(std::span<std::byte> block);

 private:
  explicit SharedBlock(std::span<std::byte> block) : block_(block) {}
  std::span<std::byte> block_;
};

}  // namespace iip

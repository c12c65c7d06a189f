// Allocations that are counted, and fail when a test says so.
//
// Programs that compile failing_new.cpp in have an operator new that counts the allocations of a
// thread and gives no memory to the n-th, once or from then on, as the system does when it has
// none.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iip::test {

enum class Shortage { once, lasting };

// For the calling thread, while it lives. One at a time.
class NoMemory {
 public:
  // `after` allocations succeed.
  NoMemory(std::size_t after, Shortage shortage);
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
  ~NoMemory();

  // Has an allocation failed yet?
  bool was_felt() const;
};

// What the calling thread has asked operator new for so far, given back or not.
std::uint64_t allocated_bytes();

}  // namespace iip::test

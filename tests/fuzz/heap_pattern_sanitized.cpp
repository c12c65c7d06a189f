// HeapPattern where a sanitizer has an allocator of its own, which it lets others watch. It does
// not say which memory calloc() gave; small pieces it clears itself, after this has filled them.
#include <atomic>
#include <cstddef>
#include <cstring>

#include "heap_pattern.h"

extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void* memory, std::size_t size),
    void (*on_free)(const volatile void* memory));

namespace {

constexpr std::size_t kMostFilled = std::size_t{64} << 10;
constexpr int kNone = -1;
std::atomic<int> current{kNone};

void fill(const volatile void* memory, std::size_t size) {
  const int pattern = current.load(std::memory_order_relaxed);
  if (pattern != kNone && size <= kMostFilled) {
    std::memset(const_cast<void*>(memory), pattern, size);
  }
}

void ignore(const volatile void*) {}

}  // namespace

namespace iip {

HeapPattern::HeapPattern(std::uint8_t pattern) {
  [[maybe_unused]] static const int installed =
      __sanitizer_install_malloc_and_free_hooks(fill, ignore);
  current = pattern;
}

HeapPattern::~HeapPattern() { current = kNone; }

}  // namespace iip

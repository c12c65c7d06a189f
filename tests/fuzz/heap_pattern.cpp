#include "heap_pattern.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace {

constexpr int kNone = -1;
std::atomic<int> current{kNone};

// All that may be written to from `from` on, which can be more than was asked for.
void* filled(void* memory, std::size_t from) {
  const int pattern = current.load(std::memory_order_relaxed);
  const std::size_t end = malloc_usable_size(memory);
  if (pattern != kNone && from < end) {
    std::memset(static_cast<char*>(memory) + from, pattern, end - from);
  }
  return memory;
}

}  // namespace

// What the allocator of glibc is also called, for those who replace it.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) { return filled(__libc_malloc(size), 0); }

void* realloc(void* before, std::size_t size) {
  const std::size_t kept = malloc_usable_size(before);
  return filled(__libc_realloc(before, size), kept);
}

void* memalign(std::size_t alignment, std::size_t size) {
  return filled(__libc_memalign(alignment, size), 0);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}

namespace iip {

HeapPattern::HeapPattern(std::uint8_t pattern) { current = pattern; }

HeapPattern::~HeapPattern() { current = kNone; }

}  // namespace iip

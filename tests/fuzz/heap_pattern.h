// Fills memory with a pattern when it is allocated, so that what was never written shows: done
// twice with different patterns, the same work has the same results only if none of them depends on
// what memory held before.
//
// All of the program's memory, that of C libraries too: heap_pattern.cpp replaces malloc() and its
// kin, but for calloc(). Of a program with AddressSanitizer, heap_pattern_sanitized.cpp fills the
// pieces of up to 64 KB.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace iip {

// While it lives. One at a time, for all threads.
class HeapPattern {
 public:
  explicit HeapPattern(std::uint8_t pattern);
  HeapPattern(const HeapPattern&) = delete;
  HeapPattern& operator=(const HeapPattern&) = delete;
  ~HeapPattern();
};

// What was seen, as one number: FNV-1a of 32 bits, in code that is compiled here, so that
// MemorySanitizer sees the number depend on bytes that nobody wrote. Its products fit into 64 bits:
// the fuzzers take those that wrap for mistakes.
class Seen {
 public:
  void add(const void* bytes, std::size_t size) {
    const auto* at = static_cast<const std::uint8_t*>(bytes);
    for (std::size_t i = 0; i < size; ++i) hash_ = (hash_ ^ at[i]) * kPrime & kMask;
  }
  void add(std::string_view text) {
    add(text.size());
    add(text.data(), text.size());
  }
  template <class T>
  requires std::integral<T> || std::floating_point<T>
  void add(T number) { add(&number, sizeof number); }

  std::uint64_t number() const { return hash_; }

 private:
  static constexpr std::uint64_t kPrime = 0x01000193;
  static constexpr std::uint64_t kMask = 0xFFFFFFFF;
  std::uint64_t hash_ = 0x811C9DC5;
};

// What `work` gives under one pattern and under another; it is of a type that can be compared.
template <class Work>
bool is_same_for_any_heap(const Work& work) {
  const auto under = [&work](std::uint8_t pattern) {
    const HeapPattern filled(pattern);
    return work();
  };
  return under(0x5A) == under(0xC3);
}

}  // namespace iip

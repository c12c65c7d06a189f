// HeapPattern for MemorySanitizer, which knows what was written, and would take a pattern for that.
#include "heap_pattern.h"

namespace iip {

HeapPattern::HeapPattern(std::uint8_t) {}

HeapPattern::~HeapPattern() = default;

}  // namespace iip

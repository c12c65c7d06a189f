// Waiting for a word of shared memory to change, between processes and threads alike.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace iip {

using FutexWord = std::atomic<std::uint32_t>;

// Sleeps while the word is `known`, until it is woken, or the patience is over. Comes back for
// other reasons too: the caller looks.
void wait_for_change(FutexWord& word, std::uint32_t known, std::chrono::milliseconds patience);

// All that wait for the word.
void wake_all(FutexWord& word);

}  // namespace iip

// PurgeEpochs: how often each file, or a folder above it, was told to be forgotten.
//
// Cached answers have no list of what belongs to a file, so forgetting is done by name: the epoch
// of a path is part of every key made for it, and purge() changes the epoch of the path and of
// everything below it. What was cached before is never found again, and ages out.
//
// Lies in memory that all processes share. Two paths may share a counter; then a purge of one costs
// the other's entries too, never the reverse. Thread-safe, and safe between processes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace iip {

class PurgeEpochs {
 public:
  // `path` is absolute, of a file, or of a folder with or without its final '/'; "/" is everything.
  void purge(std::string_view path);

  // 0 as long as nothing was ever purged; equal for equal histories of the path and its folders.
  std::uint64_t epoch_of(std::string_view path) const;

 private:
  static constexpr std::size_t kCounters = 4096;

  std::atomic<std::uint32_t>& counter(std::string_view path) { return counters_[place(path)]; }
  static std::size_t place(std::string_view path);

  std::atomic<std::uint64_t> purges_;
  std::array<std::atomic<std::uint32_t>, kCounters> counters_;
};

}  // namespace iip

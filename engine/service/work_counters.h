// What the requests of one virtual host came to, counted since the block was formatted.
//
// WorkCounters lie in memory that all processes share; plain data but for being atomic, all zero at
// the start. They may change hands, where virtual hosts come and go. Counts are exact, a set of
// them read together is not one moment. Thread-safe, and safe between processes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace iip {

enum class Work : std::uint8_t {
  requests,
  documents,        // info.json, descriptors, IIP objects
  not_modified,     // answered by 304
  stored_tiles,     // sent from the file as they are
  cache_hits,       // pictures out of the tile cache
  cache_misses,     // pictures that were not there
  remote_hits,      // ... out of the store between machines
  shared_pictures,  // made by another request of the process, which this one waited for
  flight_waits,     // waits for another process that made the same picture
  takeovers,        // waits that ended because the one that made the picture died or was too slow
  tiles_made,       // pictures made in the lane of tiles
  regions_made,     // ... in the lane of expensive renders
  render_microseconds,
  slot_waits,         // requests that had to wait for a slot to render
  refused_busy,       // 503
  refused_too_large,  // 413
  failures,           // 500
  clients_gone,       // ended early because nobody was there to take the answer
  bytes_sent,         // of bodies
  kinds               // how many there are
};
constexpr std::size_t kWorkKinds = static_cast<std::size_t>(Work::kinds);

// As in the status page: cache_hits.
std::string_view name_of(Work work);

class WorkCounters {
 public:
  void add(Work work, std::uint64_t amount = 1) {
    counts_[static_cast<std::size_t>(work)].fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t get(Work work) const {
    return counts_[static_cast<std::size_t>(work)].load(std::memory_order_relaxed);
  }

  // Whose they are: any number that stands for a virtual host, 0 for nobody so far.
  std::uint64_t owner() const { return owner_.load(std::memory_order_relaxed); }
  // They start again at zero.
  void give_to(std::uint64_t owner);

 private:
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  alignas(64) std::array<std::atomic<std::uint64_t>, kWorkKinds> counts_{};
  std::atomic<std::uint64_t> owner_{0};
};

}  // namespace iip

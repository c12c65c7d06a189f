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

#include "engine/base/metric.h"

namespace iip {

// kWorkMetrics says what each is.
enum class Work : std::uint8_t {
  requests,
  documents,
  not_modified,
  stored_tiles,
  cache_hits,
  cache_misses,
  remote_hits,
  shared_pictures,
  flight_waits,
  takeovers,
  tiles_made,
  regions_made,
  render_microseconds,
  slot_waits,
  refused_busy,
  refused_too_large,
  failures,
  clients_gone,
  bytes_sent,
  kinds  // how many there are
};
constexpr std::size_t kWorkKinds = static_cast<std::size_t>(Work::kinds);

struct WorkMetric {
  Work work = Work::requests;
  Metric metric;
};

inline constexpr std::array<WorkMetric, kWorkKinds> kWorkMetrics{{
    {Work::requests, {"requests", "Requests for images"}},
    {Work::documents, {"documents", "Documents: info.json, descriptors, IIP objects"}},
    {Work::not_modified, {"not_modified", "Conditional requests answered by 304"}},
    {Work::stored_tiles, {"stored_tiles", "Stored tiles sent from the file as they are"}},
    {Work::cache_hits, {"cache_hits", "Pictures out of the tile cache"}},
    {Work::cache_misses, {"cache_misses", "Pictures that were not in the tile cache"}},
    {Work::remote_hits, {"remote_hits", "Pictures out of memcached"}},
    {Work::shared_pictures,
     {"shared_pictures",
      "Pictures made by another request of the process, which this one waited for"}},
    {Work::flight_waits, {"flight_waits", "Waits for another process that made the same picture"}},
    {Work::takeovers,
     {"takeovers",
      "Waits that ended because the process that made the picture died or was too slow"}},
    {Work::tiles_made, {"tiles_made", "Tiles made"}},
    {Work::regions_made, {"regions_made", "Regions made"}},
    {Work::render_microseconds,
     {"render_microseconds", "Time spent on making pictures", MetricKind::microseconds}},
    {Work::slot_waits, {"place_waits", "Requests that waited for a place to render"}},
    {Work::refused_busy, {"refused_busy", "Requests refused with 503"}},
    {Work::refused_too_large, {"refused_too_large", "Requests refused with 413"}},
    {Work::failures, {"failures", "Requests that failed with 500"}},
    {Work::clients_gone, {"clients_gone", "Requests ended early because the client had gone"}},
    {Work::bytes_sent, {"bytes_sent", "Bytes of answers' bodies"}},
}};

// The table has each kind once, in the order of the kinds.
constexpr bool is_in_order(const std::array<WorkMetric, kWorkKinds>& metrics) {
  for (std::size_t i = 0; i < kWorkKinds; ++i) {
    if (static_cast<std::size_t>(metrics[i].work) != i) return false;
  }
  return true;
}
static_assert(is_in_order(kWorkMetrics));

// As in the status page: cache_hits.
constexpr std::string_view name_of(Work work) {
  return kWorkMetrics[static_cast<std::size_t>(work)].metric.name;
}

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

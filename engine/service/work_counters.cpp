#include "engine/service/work_counters.h"

namespace iip {

std::string_view name_of(Work work) {
  constexpr std::array<std::string_view, kWorkKinds> kNames = {
      "requests",          "documents",    "not_modified",        "stored_tiles", "cache_hits",
      "cache_misses",      "remote_hits",  "shared_pictures",     "flight_waits", "takeovers",
      "tiles_made",        "regions_made", "render_microseconds", "place_waits",  "refused_busy",
      "refused_too_large", "failures",     "clients_gone",        "bytes_sent",
  };
  return kNames[static_cast<std::size_t>(work)];
}

void WorkCounters::give_to(std::uint64_t owner) {
  owner_.store(owner, std::memory_order_relaxed);
  for (auto& count : counts_) count.store(0, std::memory_order_relaxed);
}

}  // namespace iip

#include "engine/service/work_counters.h"

namespace iip {

void WorkCounters::give_to(std::uint64_t owner) {
  owner_.store(owner, std::memory_order_relaxed);
  for (auto& count : counts_) count.store(0, std::memory_order_relaxed);
}

}  // namespace iip

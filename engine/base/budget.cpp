#include "engine/base/budget.h"

#include <algorithm>
#include <string>

namespace iip {

bool MemoryPool::take(std::uint64_t bytes) {
  while (!take_what_is_there(bytes)) {
    if (bytes > limit_) return false;
    const std::uint64_t free = limit_ - std::min(limit_, used());
    const std::uint64_t missing = bytes - std::min(bytes, free);
    if (missing != 0 && !reclaim(missing)) return false;
  }
  return true;
}

bool MemoryPool::reclaim(std::uint64_t bytes) {
  return std::any_of(reclaimers_.begin(), reclaimers_.end(),
                     [=](MemoryReclaimer* reclaimer) { return reclaimer->reclaim(bytes); });
}

bool MemoryPool::take_what_is_there(std::uint64_t bytes) {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

Result<Reservation> MemoryBudget::reserve(std::uint64_t bytes) {
  if (bytes > limit_ || used_ > limit_ - bytes || bytes > pool_.limit()) {
    return fail(ErrorKind::too_large, "The request needs more memory than this server allows",
                "the request would hold " + std::to_string(used_) + " + " + std::to_string(bytes) +
                    " bytes; its limit is " + std::to_string(limit_) + " (IIPMaxRequestMemory)");
  }
  if (!pool_.take(bytes)) {
    return fail(ErrorKind::busy, "The server is busy; try again shortly",
                "no room for " + std::to_string(bytes) +
                    " bytes of pixels now: " + std::to_string(pool_.used()) + " of " +
                    std::to_string(pool_.limit()) + " are in use (IIPMaxRenderMemory)");
  }
  used_ += bytes;
  return Reservation(&pool_, this, bytes);
}

Status MemoryBudget::grow(Reservation& reservation, std::uint64_t bytes) {
  Result<Reservation> more = reserve(bytes);
  if (!more) return pass_on(more);
  reservation.bytes_ += std::exchange(more->bytes_, 0);
  return {};
}

Reservation::~Reservation() {
  if (budget_ != nullptr) budget_->used_ -= bytes_;
  if (pool_ != nullptr) pool_->give_back(bytes_);
}

void Reservation::outlive_budget() {
  if (budget_ != nullptr) budget_->used_ -= bytes_;
  budget_ = nullptr;
}

}  // namespace iip

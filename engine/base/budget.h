// Memory is counted before it is allocated.
//
// A MemoryPool is the ceiling of one child process, shared by all its requests (thread-safe). A
// MemoryBudget is one request's share of it and belongs to that request's thread. reserve() hands
// out a Reservation, which gives its bytes back to both when it is destroyed. A reservation that
// could never fit fails with too_large (413); one that does not fit just now fails with busy (503).
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace iip {

// Who holds memory of a pool that it can do without.
class MemoryReclaimer {
 public:
  virtual ~MemoryReclaimer() = default;
  // Called when `bytes` more are wanted than there are. False: nothing was given back.
  virtual bool reclaim(std::uint64_t bytes) = 0;

 protected:
  MemoryReclaimer() = default;
  MemoryReclaimer(const MemoryReclaimer&) = default;
  MemoryReclaimer& operator=(const MemoryReclaimer&) = default;
};

class MemoryPool {
 public:
  explicit MemoryPool(std::uint64_t limit) : limit_(limit) {}

  // Before any thread uses the pool, or after all have. They are asked in the order of being added.
  void add_reclaimer(MemoryReclaimer& reclaimer) { reclaimers_.push_back(&reclaimer); }
  void remove_reclaimer(MemoryReclaimer& reclaimer) { std::erase(reclaimers_, &reclaimer); }

  bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::uint64_t limit() const { return limit_; }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  bool take_what_is_there(std::uint64_t bytes);
  bool reclaim(std::uint64_t bytes);

  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
  std::vector<MemoryReclaimer*> reclaimers_;
};

class MemoryBudget;

class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        budget_(std::exchange(other.budget_, nullptr)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Reservation();

  std::uint64_t bytes() const { return bytes_; }
  // For what is kept beyond its request: it counts in the pool alone from now on.
  void outlive_budget();

 private:
  friend class MemoryBudget;
  Reservation(MemoryPool* pool, MemoryBudget* budget, std::uint64_t bytes)
      : pool_(pool), budget_(budget), bytes_(bytes) {}

  MemoryPool* pool_ = nullptr;
  MemoryBudget* budget_ = nullptr;  // null: counted in the pool alone
  std::uint64_t bytes_ = 0;
};

class MemoryBudget {
 public:
  // `limit` is the most that one request may hold at a time. `pool` must outlive the budget, and
  // the budget those of its reservations that do not say otherwise.
  MemoryBudget(MemoryPool& pool, std::uint64_t limit) : pool_(pool), limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  Result<Reservation> reserve(std::uint64_t bytes);
  // Adds `bytes` to a reservation of this budget, which stays as it is where there is no room.
  Status grow(Reservation& reservation, std::uint64_t bytes);
  std::uint64_t limit() const { return limit_; }
  std::uint64_t used() const { return used_; }

 private:
  friend class Reservation;
  MemoryPool& pool_;
  const std::uint64_t limit_;
  std::uint64_t used_ = 0;
};

}  // namespace iip

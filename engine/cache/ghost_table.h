// GhostTable: which entries a shard dropped lately, by fingerprint.
//
// A bucket of eight slots is one cache line. A slot counts as long as it is younger than the window
// it is asked with; a new one takes an empty slot, else the oldest. Wrong numbers here cost a wrong
// guess and nothing else, so nothing is checked. For the thread that holds the
// shard's lock.
#pragma once

#include <cstdint>
#include <span>

#include "engine/cache/tile_cache_block.h"

namespace iip {

class GhostTable {
 public:
  GhostTable(std::span<GhostSlot> slots, std::uint32_t& clock) : slots_(slots), clock_(clock) {}

  void add(const TilePlace& place) {
    ++clock_;
    const std::span<GhostSlot> slots = bucket(place);
    GhostSlot* oldest = slots.data();
    for (GhostSlot& slot : slots) {
      if (age(slot) > age(*oldest)) oldest = &slot;
    }
    *oldest = {place.fingerprint, clock_};
  }

  // Whether the entry was among the last `window` that were dropped. Forgets it.
  bool take(const TilePlace& place, std::uint32_t window) {
    for (GhostSlot& slot : bucket(place)) {
      if (slot.fingerprint != place.fingerprint) continue;
      const bool young = age(slot) <= window;
      slot = {};
      return young;
    }
    return false;
  }

 private:
  static constexpr std::uint32_t kBucket = 8;

  std::uint32_t age(const GhostSlot& slot) const {
    return slot.fingerprint == 0 ? kNone : clock_ - slot.dropped_at;
  }
  std::span<GhostSlot> bucket(const TilePlace& place) const {
    const std::uint32_t buckets = static_cast<std::uint32_t>(slots_.size()) / kBucket;
    return slots_.subspan(std::size_t{place.bucket % buckets} * kBucket, kBucket);
  }

  std::span<GhostSlot> slots_;
  std::uint32_t& clock_;
};

}  // namespace iip

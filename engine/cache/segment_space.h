// SegmentSpace: the segments of one shard, chained into entries and a list of free ones.
//
// take() and give_back() need the shard's lock. copy_in() and copy_out() are called without it,
// while another process may free and reuse the very segments: they read and write the block only in
// whole 64-bit words by relaxed atomic operations. That makes such a race defined (and known to a
// thread sanitiser) without making it right: mixed bytes are noticed by the checksum. No fence is
// needed. Before an entry's segments are reused its generation changes under the lock; a reader
// that finds the old generation under the lock after its copy has locked before that, so its loads
// happen before the stores of the next writer and can not have seen them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/bytes.h"
#include "engine/cache/tile_cache_block.h"

namespace iip {

class SegmentSpace {
 public:
  SegmentSpace(std::span<SegmentRecord> records, std::byte* bytes, std::uint32_t segment_bytes)
      : records_(records), bytes_(bytes), words_per_segment_(segment_bytes / 8) {}

  std::uint32_t count() const { return static_cast<std::uint32_t>(records_.size()); }

  // Makes all segments free, the first at the head of the list.
  void reset() const;
  // Takes `count` segments (at least one) off the list at `free_list`: the first of their chain.
  // Nothing: the list is damaged, and is left half taken.
  std::optional<std::uint32_t> take(std::uint32_t& free_list, std::uint32_t count,
                                    std::uint32_t owner) const;
  // Puts a chain back. False: it is not a chain of `count` segments of this owner.
  [[nodiscard]] bool give_back(std::uint32_t& free_list, std::uint32_t first, std::uint32_t count,
                               std::uint32_t owner) const;

  // Copies the bytes of an entry. False: the chain is no longer the owner's, or ended.
  [[nodiscard]] bool copy_in(std::uint32_t first, std::uint32_t owner, ByteSpan bytes) const;
  [[nodiscard]] bool copy_out(std::uint32_t first, std::uint32_t owner,
                              std::span<std::uint8_t> bytes) const;

 private:
  friend class ChainWalk;

  std::span<SegmentRecord> records_;
  std::byte* bytes_;
  std::uint32_t words_per_segment_;
};

}  // namespace iip

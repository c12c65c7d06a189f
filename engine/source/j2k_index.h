// The packet index of one version of a JPEG 2000 file: made tile by tile when a tile is first asked
// for, kept within a bound, shared by all requests. Thread-safe; two requests do not index the same
// file at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/budget.h"
#include "engine/source/j2k_header.h"
#include "engine/source/j2k_tile_index.h"
#include "engine/source/j2k_tile_parts.h"
#include "engine/source/source.h"

namespace iip {

class J2kIndex {
 public:
  // `kept` counts what the index holds; nullptr: nobody counts. Both must outlive the index.
  J2kIndex(const J2kCodestream& codestream, const J2kHeader& header, MemoryPool* kept)
      : codestream_(codestream), header_(header), kept_(kept) {}

  // nullptr where the file can not be indexed, which the log is told of once: then it has to be
  // decoded plainly. Errors: corrupt, where packets are missing or do not fit; busy, when the
  // deadline is over.
  Result<std::shared_ptr<const J2kTileIndex>> tile(const ReadContext& context,
                                                   std::int64_t index) const;

  // The file turned out to be of a kind that is to be decoded plainly.
  void give_up(const Error& reason, LogSink& log) const;

 private:
  // A tile's index, counted while it lives.
  struct Counted;

  Result<std::shared_ptr<const J2kTileIndex>> make(const ReadContext& context,
                                                   std::int64_t index) const;
  void give_up_locked(const Error& reason, LogSink& log) const;

  const J2kCodestream codestream_;
  const J2kHeader& header_;
  MemoryPool* const kept_;

  mutable std::mutex mutex_;
  mutable bool is_defeated_ = false;
  mutable std::vector<std::vector<J2kSpan>> parts_;  // of each tile; empty: not looked for yet
  mutable std::vector<std::shared_ptr<const J2kTileIndex>> tiles_;
  mutable std::uint64_t bytes_ = 0;
};

}  // namespace iip

// The packet index of one version of a JPEG 2000 file: made tile by tile when a tile is first asked
// for, kept in the KeptStore, shared by all requests. Thread-safe; two requests do not index the
// same tile at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/base/kept_store.h"
#include "engine/source/j2k_header.h"
#include "engine/source/j2k_tile_index.h"
#include "engine/source/j2k_tile_parts.h"
#include "engine/source/source.h"

namespace iip {

class J2kIndex {
 public:
  // `header` must outlive the index.
  J2kIndex(const J2kCodestream& codestream, const J2kHeader& header)
      : codestream_(codestream), header_(header) {}

  // nullptr where the file can not be indexed, which the log is told of once: then it has to be
  // decoded plainly. Errors: corrupt, where packets do not fit; too_large and busy, for want of
  // memory; busy, when the deadline is over.
  Result<std::shared_ptr<const J2kTileIndex>> tile(const ReadContext& context,
                                                   std::int64_t index) const;

  // The file turned out to be of a kind that is to be decoded plainly.
  void give_up(const Error& reason, LogSink& log) const;

 private:
  Result<std::shared_ptr<const J2kTileParts>> parts(const ReadContext& context) const;
  Result<std::shared_ptr<const J2kTileIndex>> make(const ReadContext& context,
                                                   std::int64_t index) const;

  const J2kCodestream codestream_;
  const J2kHeader& header_;
  const KeptOwner parts_ = std::make_shared<const KeptTag>();
  const KeptOwner tiles_ = std::make_shared<const KeptTag>();  // of each tile, by its number
  mutable std::atomic<bool> is_defeated_{false};
};

}  // namespace iip

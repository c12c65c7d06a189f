// The packet index of one version of a JPEG 2000 file: made tile by tile when a tile is first asked
// for, kept in the DerivedDataCache, shared by all requests. Thread-safe; two requests do not index
// the same tile at a time.
//
// The lengths of tile-parts and packets that a file states (TLM, PLT) are trusted until something
// does not fit them; then the log is told once, and the file is read as if they were not there.
//
// Read in this order: tag_tree.h, packet_parser.h and packets.h (the header of a packet),
// progression.h (the order of packets), packet_table.h (what they bring of code-blocks),
// tile_parts.h and tile_headers.h, tlm.h, plt.h and packed_headers.h (lengths and headers that are
// stated apart), tile_index.h and tile_indexer.h (one tile), this header (all tiles),
// block_finder.h (the code-blocks in them).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/base/derived_data_cache.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/index/packed_headers.h"
#include "engine/formats/jpeg2000/index/tile_headers.h"
#include "engine/formats/jpeg2000/index/tile_index.h"
#include "engine/formats/jpeg2000/index/tile_parts.h"
#include "engine/source/source.h"

namespace iip {

class J2kIndex {
 public:
  // `header` must outlive the index.
  J2kIndex(const J2kCodestream& codestream, const J2kHeader& header)
      : codestream_(codestream),
        header_(header),
        coding_(std::make_shared<const J2kCoding>(header.coding)) {}

  // nullptr where the file can not be indexed, which the log is told of once: then it has to be
  // decoded plainly. Errors: corrupt, where packets do not fit; too_large and busy, for want of
  // memory; busy, when the deadline is over.
  Result<std::shared_ptr<const J2kTileIndex>> tile(const ReadContext& context,
                                                   std::int64_t index) const;

  // What the headers of a tile state; nothing of it is kept. Errors: those of tile().
  Result<J2kTile> headers(const ReadContext& context, std::int64_t index) const;

  // Says that what was read by `tile` did not fit the lengths. False: that index relies on none.
  bool distrust_lengths(const J2kTileIndex& tile, const Error& reason, LogSink& log) const;

  // The file turned out to be of a kind that is to be decoded plainly.
  void give_up(const Error& reason, LogSink& log) const;

 private:
  struct Attempt {
    Result<std::shared_ptr<const J2kTileIndex>> index;
    bool relies_on_lengths = false;
  };

  Result<std::shared_ptr<const J2kTileParts>> parts(const ReadContext& context,
                                                    bool by_lengths) const;
  Result<std::shared_ptr<const J2kPackedHeaders>> packed(const ReadContext& context,
                                                         std::size_t parts) const;
  Result<J2kTile> headers(const ReadContext& context, std::int64_t index, bool by_lengths) const;
  Result<std::shared_ptr<const J2kTileIndex>> make(const ReadContext& context,
                                                   std::int64_t index) const;
  Attempt make(const ReadContext& context, std::int64_t index, bool trusts_lengths) const;
  void distrust_lengths(const Error& reason, LogSink& log) const;

  const J2kCodestream codestream_;
  const J2kHeader& header_;
  const std::shared_ptr<const J2kCoding> coding_;  // the header's, for tiles without their own
  // What is found with the lengths that the file states, and without.
  struct Owners {
    KeptOwner parts = std::make_shared<const KeptTag>();
    KeptOwner tiles = std::make_shared<const KeptTag>();  // each tile's index, by its number
  };
  const Owners by_lengths_;
  const Owners by_reading_;
  const KeptOwner packed_ = std::make_shared<const KeptTag>();
  mutable std::atomic<bool> trusts_lengths_{true};
  mutable std::atomic<bool> is_defeated_{false};
};

}  // namespace iip

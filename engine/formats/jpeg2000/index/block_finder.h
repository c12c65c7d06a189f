// Finds code-blocks in the index of a tile. Where that knows of packets no more than their lengths,
// reads the headers of those of a precinct as soon as one of its code-blocks is asked for; what
// they say is kept in the DerivedDataCache for other requests, and here. Belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "engine/formats/jpeg2000/index/tile_index.h"
#include "engine/source/source.h"

namespace iip {

// The packet table of one precinct, in the form in which it is kept.
class J2kKeptTable : public Kept {
 public:
  J2kKeptTable(J2kPacketTable table, Reservation memory)
      : table_(std::move(table)), memory_(std::move(memory)) {
    memory_.outlive_budget();
  }

  const J2kPacketTable& table() const { return table_; }
  std::uint64_t bytes() const override { return memory_.bytes(); }

 private:
  const J2kPacketTable table_;
  Reservation memory_;
};

class J2kBlockFinder {
 public:
  // `context` and `tile` must outlive the finder. The tile is one of context.file.
  J2kBlockFinder(const ReadContext& context, const J2kTileIndex& tile)
      : context_(context), tile_(tile) {}

  // The code-block in column and row of the band's grid of blocks (both counted from 0,0 of the
  // band's coordinates), in the first `layers` layers, 0 being all. false where it has no passes.
  // Errors: unsupported, where a packet is not what its length says, so that the index is of no
  // use; those of the file, the budget and the deadline.
  Result<bool> find(int component, int resolution, int band, std::int64_t column, std::int64_t row,
                    int layers, J2kBlockData& data);

 private:
  using Table = std::shared_ptr<const J2kKeptTable>;

  Result<const J2kPacketTable*> table(int component, int resolution, std::int64_t precinct);
  Result<Table> make(int component, int resolution, std::int64_t precinct) const;
  Status fill(J2kPacketTable& table, Reservation& memory, int component, int resolution,
              std::int64_t precinct) const;

  const ReadContext& context_;
  const J2kTileIndex& tile_;
  std::unordered_map<std::uint64_t, Table> tables_;
  std::uint64_t held_ = 0;  // bytes of these
};

}  // namespace iip

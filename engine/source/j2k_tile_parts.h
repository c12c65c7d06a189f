// Where the tile-parts of a JPEG 2000 codestream lie, and what the header of a tile states.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/base/file.h"
#include "engine/base/kept_store.h"
#include "engine/base/result.h"
#include "engine/source/j2k_header.h"

namespace iip {

// The codestream within its file.
struct J2kCodestream {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Bytes of the file, counted from its beginning.
struct J2kSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t end() const { return offset + length; }
};

// The tile-parts of all tiles, from SOT to their end. Never changed after it was made; thread-safe.
class J2kTileParts : public Kept {
 public:
  // Errors: corrupt for a chain that breaks or leaves a tile out; those of the file and the budget.
  static Result<std::shared_ptr<const J2kTileParts>> find(const File& file,
                                                          const J2kCodestream& codestream,
                                                          const J2kHeader& header,
                                                          MemoryBudget& budget,
                                                          const Deadline& deadline);

  // In the order of the file; each tile has one at least.
  std::span<const J2kSpan> of_tile(std::int64_t tile) const;
  std::uint64_t bytes() const override { return memory_.bytes(); }

 private:
  Status read_chain(const File& file, const J2kCodestream& codestream, const J2kHeader& header,
                    MemoryBudget& budget, const Deadline& deadline);

  std::vector<J2kSpan> spans_;        // tile after tile
  std::vector<std::uint32_t> first_;  // of each tile, and behind the last
  Reservation memory_;
};

struct J2kTile {
  J2kCoding coding;
  std::vector<J2kSpan> data;  // what follows SOD, of each tile-part
};

// Errors: corrupt, and unsupported for packet headers that are packed elsewhere (PPT).
Result<J2kTile> read_tile_headers(const File& file, const J2kHeader& header,
                                  std::span<const J2kSpan> parts);

}  // namespace iip

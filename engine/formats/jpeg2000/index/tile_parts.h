// Where the tile-parts of a JPEG 2000 codestream lie.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/base/derived_data_cache.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

// The tile-parts of all tiles, from SOT to their end. Found in one of two ways: where the main
// header states their tiles and lengths (TLM), by reading only that; then whether a tile-part
// begins where it should shows when it is read. Or by going from each to the next. Never changed
// after it was made; thread-safe.
class J2kTileParts : public Kept {
 public:
  // Errors: corrupt for a chain that breaks or leaves a tile out; those of the file and the budget.
  static Result<std::shared_ptr<const J2kTileParts>> find(const File& file,
                                                          const J2kCodestream& codestream,
                                                          const J2kHeader& header,
                                                          MemoryBudget& budget,
                                                          const Deadline& deadline);
  // Finds them by the lengths that the header states. Errors: corrupt, where these do not fit the
  // codestream; those of the file and the budget.
  static Result<std::shared_ptr<const J2kTileParts>> find_by_lengths(
      const File& file, const J2kCodestream& codestream, const J2kHeader& header,
      MemoryBudget& budget);

  struct Part {
    J2kSpan span;
    std::uint32_t tile = 0;
    std::uint32_t place = 0;  // among those of all tiles, as they come in the file
  };
  // In the order of the file; each tile has one at least.
  std::span<const Part> of_tile(std::int64_t tile) const;
  std::size_t count() const { return parts_.size(); }
  bool is_by_lengths() const { return is_by_lengths_; }
  std::uint64_t bytes() const override { return memory_.bytes(); }

 private:
  Status read_chain(const File& file, const J2kCodestream& codestream, const J2kHeader& header,
                    MemoryBudget& budget, const Deadline& deadline);
  Status read_lengths(const File& file, const J2kCodestream& codestream, const J2kHeader& header,
                      MemoryBudget& budget);
  // Makes room for so many more parts.
  Status reserve(std::size_t parts, const J2kHeader& header, MemoryBudget& budget);
  void add(const J2kSpan& span, std::uint64_t tile);
  // Sorts the parts by tiles. Errors: corrupt where a tile has none.
  Status sort(const J2kHeader& header);
  Status settle(MemoryBudget& budget);

  std::vector<Part> parts_;           // tile after tile, when all are there
  std::vector<std::uint32_t> first_;  // where the parts of each tile begin, and their end
  bool is_by_lengths_ = false;
  Reservation memory_;
};

}  // namespace iip

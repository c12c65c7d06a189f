// Where the packet headers of each tile-part lie when the main header of a JPEG 2000 codestream has
// them (PPM, ISO/IEC 15444-1 A.7.4): its segments, put together in their order, hold those of one
// tile-part after the other, each behind their length; both may be cut by the end of a segment.
//
// Never changed after it was made; thread-safe. What it takes is counted in a budget, and outlives
// it.
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

class J2kPackedHeaders : public Kept {
 public:
  // `parts`: the codestream has so many tile-parts. Errors: corrupt; those of the file, the budget
  // and the deadline.
  static Result<std::shared_ptr<const J2kPackedHeaders>> find(
      const File& file, const J2kCodestream& codestream, const J2kHeader& header, std::size_t parts,
      MemoryBudget& budget, const Deadline& deadline);

  // Pieces of the file, of the tile-part in that place among all. Empty where it has no packets.
  std::span<const J2kSpan> of_part(std::size_t place) const;
  std::uint64_t bytes() const override { return memory_.bytes(); }

 private:
  Status read(const File& file, const std::vector<J2kSpan>& segments, std::size_t parts,
              const Deadline& deadline);

  std::vector<J2kSpan> pieces_;
  std::vector<std::uint32_t> ends_;  // in pieces_, of each tile-part
  Reservation memory_;
};

}  // namespace iip

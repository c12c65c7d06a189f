// Which tiles the tile-parts of a codestream are of, and how long they are, as its main header
// states it (TLM, ISO/IEC 15444-1 A.7.1): a claim, which J2kTileParts checks.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

struct J2kPartLength {
  std::uint32_t tile = 0;
  std::uint64_t length = 0;  // from SOT on
};

struct J2kPartLengths {
  std::vector<J2kPartLength> parts;  // in the order of the file
  Reservation memory;
};

// Errors: corrupt; those of the file and the budget.
Result<J2kPartLengths> read_part_lengths(const File& file, const J2kCodestream& codestream,
                                         const J2kHeader& header, MemoryBudget& budget);

}  // namespace iip

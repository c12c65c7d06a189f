// Which tiles the tile-parts of a codestream are of, and how long they are, as its main header
// states it (TLM, ISO/IEC 15444-1 A.7.1): a claim, which J2kTileParts checks. Value types; the
// functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

struct TlmTilePart {
  std::uint32_t tile = 0;
  std::uint64_t length = 0;  // from SOT on
};

struct TlmTileParts {
  std::vector<TlmTilePart> parts;  // in the order of the file
  Reservation memory;
};

// Errors: corrupt; those of the file and the budget.
Result<TlmTileParts> read_tlm(const File& file, const J2kCodestream& codestream,
                              const J2kHeader& header, MemoryBudget& budget);

}  // namespace iip

// Where a tile-part of a JPEG 2000 codestream begins (SOT, ISO/IEC 15444-1 A.4.2). A value type;
// the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>

#include "engine/base/file.h"
#include "engine/base/result.h"

namespace iip {

struct J2kPartStart {
  static constexpr std::uint64_t kBytes = 12;      // of SOT
  static constexpr std::uint64_t kLeastPart = 14;  // SOT and SOD

  std::uint64_t tile = 0;
  std::uint64_t length = 0;  // from SOT on, within the codestream
  std::uint64_t number = 0;  // among those of its tile
  bool is_end = false;       // there is none: the codestream ends here
};

// `end` is that of the codestream. Errors: corrupt; those of the file.
Result<J2kPartStart> read_j2k_part_start(const File& file, std::uint64_t at, std::uint64_t end);

}  // namespace iip

#include "engine/base/effort.h"

#include <algorithm>
#include <string>

#include "engine/base/checked.h"

namespace iip {

Status EffortLimit::spend(const Effort& effort, std::uint64_t file_bytes) {
  spent_.blocks = saturated_add(spent_.blocks, effort.blocks);
  spent_.bytes = saturated_add(spent_.bytes, effort.bytes);
  largest_file_ = std::max(largest_file_, file_bytes);
  const std::uint64_t most_bytes =
      saturated_add(kMostBytes, saturated_mul(kMostBytesAStoredByte, largest_file_));
  if (spent_.blocks <= kMostBlocks && spent_.bytes <= most_bytes) return {};
  return fail(ErrorKind::too_large, "The request takes more work than this server allows",
              std::to_string(spent_.blocks) + " blocks and " + std::to_string(spent_.bytes) +
                  " bytes to decode; the limits are " + std::to_string(kMostBlocks) + " and, of " +
                  std::to_string(largest_file_) + " stored bytes, " + std::to_string(most_bytes));
}

}  // namespace iip

// What decodes bytes that nobody vouches for, with a library that may end the process over them.
//
// A decoder is a function of bytes to bytes. Whoever links decoders puts them into a table, whose
// places are their numbers: the same table for who asks and for the process that decodes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace iip {

struct ConfinedDecoder {
  std::string_view name;  // for log lines, such as "JPEG 2000"
  // Reads `question` and fills `answer`, which is zero but for what the asker has put there. It
  // has one thread, no descriptor, and a bounded heap; what it leaves behind goes with its process.
  // Errors: any of a file (corrupt, unsupported, too_large); busy for want of memory.
  Status (*decode)(ByteSpan question, std::span<std::uint8_t> answer);
};

// The error of a decoder, with its name in front of the detail.
inline Status named(const ConfinedDecoder& decoder, Status status) {
  if (!status) status.error().detail.insert(0, std::string(decoder.name) + ": ");
  return status;
}

}  // namespace iip

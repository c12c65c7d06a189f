// Inflates a zlib stream that lies in memory, as far as is wanted. A value type; the functions keep
// nothing and are for any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/base/bytes.h"

namespace iip {

struct Inflated {
  ByteVector bytes;       // at most as many as were wanted
  bool is_whole = false;  // nothing is left out
};

// nullopt: the stream is damaged within those bytes, or there is no memory for it.
std::optional<Inflated> inflate(ByteSpan stream, std::size_t most);

}  // namespace iip

// What must hold for any bytes that are opened as a picture: nothing crashes, no answer is an
// internal fault, rasters have the size asked for, all memory counted is given back, and pixels and
// texts do not depend on what memory held before (heap_pattern.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/file.h"
#include "heap_pattern.h"

namespace iip {

// Opens the bytes, reads a small part of each level and asks for a stored tile. Aborts where
// something does not hold.
void check_source(const std::uint8_t* data, std::size_t size);

// What the file says of itself when it is opened, without any pixel.
void see_opening(const File& file, Seen& seen);

}  // namespace iip

// The table of the decoders of sources that run confined (engine/confined).
#pragma once

#include <span>

#include "engine/confined/decoder.h"
#include "engine/source/source_decoder.h"

namespace iip {

// In the order of SourceDecoder, for Helpers.
std::span<const ConfinedDecoder> source_decoders();

}  // namespace iip

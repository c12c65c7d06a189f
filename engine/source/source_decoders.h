// The decoders of sources that run confined (engine/confined), by their numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/confined/decoder.h"

namespace iip {

enum class SourceDecoder : std::uint8_t { openjpeg, libtiff };

constexpr std::size_t number_of(SourceDecoder decoder) { return static_cast<std::size_t>(decoder); }

// The table of them, for Helpers.
std::span<const ConfinedDecoder> source_decoders();

}  // namespace iip

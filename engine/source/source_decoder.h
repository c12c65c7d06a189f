// The decoders of sources that run confined (engine/confined), by their numbers in the table of
// them, formats/source_decoders.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iip {

enum class SourceDecoder : std::uint8_t { openjpeg, libtiff };

constexpr std::size_t number_of(SourceDecoder decoder) { return static_cast<std::size_t>(decoder); }

}  // namespace iip

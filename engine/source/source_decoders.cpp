#include "engine/source/source_decoders.h"

#include <array>

#include "engine/source/openjpeg_decoder.h"
#include "engine/source/tiff_library.h"

namespace iip {

std::span<const ConfinedDecoder> source_decoders() {
  static constexpr std::array<ConfinedDecoder, 2> kTable{
      {{"JPEG 2000", decode_with_openjpeg}, {"TIFF", decode_tiff_question}}};
  return kTable;
}

}  // namespace iip

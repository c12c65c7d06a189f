#include "engine/formats/source_decoders.h"

#include <array>

#include "engine/formats/jpeg2000/openjpeg/library.h"
#include "engine/formats/tiff/library.h"

namespace iip {

std::span<const ConfinedDecoder> source_decoders() {
  static constexpr std::array<ConfinedDecoder, 2> kTable{
      {{"JPEG 2000", decode_with_openjpeg}, {"TIFF", decode_tiff_question}}};
  return kTable;
}

}  // namespace iip

// How a component is coded, as a header would say it.
#pragma once

#include <cstdint>

#include "engine/formats/jpeg2000/codestream/coding.h"

namespace iip::test {

// `precinct`: PPx | PPy << 4, of all resolutions; `block`: log2 of both sides of a code-block.
inline J2kComponentCoding component_coding(int levels, std::uint8_t precinct, int block = 6,
                                           int style = 0) {
  J2kComponentCoding coding;
  coding.levels = levels;
  coding.block_width_log2 = block;
  coding.block_height_log2 = block;
  coding.block_style = static_cast<std::uint8_t>(style);
  coding.precincts.fill(precinct);
  return coding;
}

}  // namespace iip::test

#include "engine/formats/jpeg2000/codestream/quantisation.h"

#include <algorithm>
#include <cmath>

namespace iip {

float J2kQuantisation::step(int bits) const {
  return static_cast<float>(std::ldexp(1.0 + mantissa / 2048.0, bits - exponent));
}

J2kQuantisation j2k_quantisation(const J2kComponentCoding& coding, int resolution, int band) {
  enum Style { kReversible = 0, kDerived = 1 };
  const J2kSteps& bytes = coding.quantisation;
  const int style = bytes[0] & 0x1F;
  const int guard = bytes[0] >> 5U;
  const int number = resolution == 0 ? 0 : 3 * (resolution - 1) + band;
  J2kQuantisation found;
  if (style == kReversible) {
    found.exponent = bytes[1 + static_cast<std::size_t>(number)] >> 3U;
  } else {
    // Steps that are derived are those of LL, twice as large for each level that is left out.
    const auto at = static_cast<std::size_t>(style == kDerived ? 0 : number);
    const int both = bytes[1 + 2 * at] << 8 | bytes[2 + 2 * at];
    found.exponent = both >> 11;
    found.mantissa = both & 0x7FF;
    if (style == kDerived && number > 0) {
      found.exponent = std::max(0, found.exponent - (number - 1) / 3);
    }
  }
  found.planes = found.exponent + guard - 1;
  return found;
}

}  // namespace iip

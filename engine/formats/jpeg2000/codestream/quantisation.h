// What QCD and QCC say of a band (ISO/IEC 15444-1 annex E). A value type; the functions keep
// nothing and are for any thread.
#pragma once

#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

struct J2kQuantisation {
  int planes = 0;  // M_b: the most bit planes that a coefficient has
  int exponent = 0;
  int mantissa = 0;

  // The size of a step where the samples have `bits` bits, the band's gain left out.
  float step(int bits) const;
};

// check_j2k_coding() has found steps for all bands of `coding`.
J2kQuantisation j2k_quantisation(const J2kComponentCoding& coding, int resolution, int band);

}  // namespace iip

// Colour maps: a fraction becomes a colour.
//
//   hot    (3v, 0, 0) to 1/3, (1, 3v-1, 0) to 2/3, (1, 1, 3v-2) to 1
//   cold   (0, 0, 3v) to 1/3, (0, 3v-1, 1) to 2/3, (3v-2, 1, 1) to 1
//   jet    (0, 0, 4v+1/2) to 1/8, (0, 4v-1/2, 1) to 3/8, (4v-3/2, 1, 5/2-4v) to 5/8,
//          (1, 7/2-4v, 0) to 7/8, (9/2-4v, 0, 0) to 1; black below 0
//   red, green, blue   v in that channel alone, whatever it is
//   viridis, magma, inferno, plasma, cividis   the 256 colours of each map, linear in between
//
// Fractions beyond 0 and 1 have the colour of the end (jet: black below 0). Not a number is 0.
// The last five are the work of the matplotlib developers (viridis, magma, inferno, plasma:
// S. van der Walt, N. Smith; cividis: J. Nunez, C. Anderton, R. Renslow), who put them in the
// public domain (CC0).
#pragma once

#include <array>

#include "engine/model/processing.h"

namespace iip {

// Red, green, blue. `map` is not none.
std::array<float, 3> colour_of(ColourMap map, float fraction);

}  // namespace iip

// How many of the last coding passes of code-blocks need not be decoded where a picture is made
// smaller after it was decoded.
//
// What leaving out passes does to samples is noise. Each three of them are a bit plane, without
// which the steps of a band's coefficients are twice as wide; and the deviation of the noise is in
// proportion to the steps and to the length (L2 norm) of the band's basis functions. Making the
// picture smaller then takes away what lies above the frequencies that are left. Passes are left
// out so that each sample adds the same to the error that is allowed in the end, whatever its band.
// (The quantisation of a file follows the same rule, for its full resolution; which is why its
// small resolutions hold far more than a screen shows.) Of colour differences that are averaged at
// last, as those of a JPEG, far less is left of the noise, and far more passes can be left out.
// That the error is met is measured and tested, not proven. Value types; a PassTruncation is never
// changed.
#pragma once

#include <vector>

#include "engine/formats/jpeg2000/codestream/header.h"

namespace iip {

// How many passes are left out in the code-blocks of one resolution of a component.
struct J2kPassesLeftOut {
  int lines = 0;     // LL, HL and LH
  int diagonal = 0;  // HH

  int of(int band) const { return band == 3 ? diagonal : lines; }
};

// What may become of samples that are decoded.
struct J2kTolerance {
  // For each component, in its own values: the root mean square of the error that may be left once
  // the picture was made smaller. 0: the component is decoded exactly; empty: all of them are.
  std::vector<double> errors;
  double reduction = 1;  // how much smaller it is made at least, in each direction
  // Where the first three components are a picture in colour whose colour differences are averaged
  // over squares of 2x2 at last: what may be left of an error of these. 0: that is not so. (A
  // quarter of their frequencies is left then, and half of those of the smaller picture.)
  double chroma_error = 0;
  bool is_ycc = false;  // they are luminance and colour differences, and not RGB
};

class PassTruncation {
 public:
  // Where the image is decoded reduced `reduce` times.
  PassTruncation(const J2kTolerance& tolerance, const J2kHeader& header, const J2kCoding& coding,
                 int reduce);

  J2kPassesLeftOut left_out(std::size_t component, int resolution) const {
    return passes_[component][static_cast<std::size_t>(resolution)];
  }

 private:
  std::vector<std::vector<J2kPassesLeftOut>> passes_;  // [component][resolution]
};

}  // namespace iip

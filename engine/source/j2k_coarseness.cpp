#include "engine/source/j2k_coarseness.h"

#include <algorithm>
#include <cmath>

#include "engine/source/j2k_geometry.h"
#include "engine/source/j2k_quantisation.h"

namespace iip {

namespace {

constexpr std::size_t kTransformed = 3;  // components, by the multiple component transform
constexpr int kMostLeftOut = 63;

// The norms of the basis functions of LL, of HL and LH, and of HH, divided by 2 for each
// synthesis: after one of them, and after more, when they change little.
struct Norms {
  double low = 1;
  double line = 1;
  double diagonal = 1;
};
constexpr Norms kIrreversible{1.05, 1.06, 1.08};
constexpr Norms kReversibleOnce{0.75, 0.52, 0.36};
constexpr Norms kReversible{0.69, 0.40, 0.23};

const Norms& norms_of(bool reversible, int syntheses) {
  if (!reversible) return kIrreversible;
  return syntheses == 1 ? kReversibleOnce : kReversible;
}

// How much of the noise of a band is left along an axis, as a part of 1: where it is of the lower
// half of the frequencies, and of the upper half.
double left_of_lower_half(double reduction, int syntheses) {
  return std::min(std::ldexp(1.0, syntheses) / reduction, 1.0);
}
// No filter is sharp, and those of the reversible wavelet, which are short, least.
double left_of_upper_half(bool reversible, double reduction, int syntheses) {
  const double least = (reversible ? 0.4 : 0.2) * std::min(2 / reduction, 1.0);
  return std::clamp(std::ldexp(1.0, syntheses) / reduction - 1, least, 1.0);
}

// Of an error of the component in colours, at most.
double colour_gain(const J2kCoding& coding, std::size_t component) {
  if (!coding.multiple_component_transform || component == 0 || component >= kTransformed) return 1;
  if (coding.components[component].reversible) return 1;
  return component == 1 ? 1.772 : 1.402;
}

// Components that are transformed together are as exact as the one that has to be most.
double error_of(const J2kTolerance& tolerance, const J2kCoding& coding, std::size_t component) {
  if (tolerance.errors.empty()) return 0;
  if (!coding.multiple_component_transform || component >= kTransformed) {
    return tolerance.errors[component];
  }
  return *std::min_element(tolerance.errors.begin(), tolerance.errors.begin() + kTransformed);
}

// Without them the steps stay below `most`: three passes more make them twice as wide.
int passes_below(double most, double step) {
  const double passes = std::floor(3 * std::log2(most / step));
  return passes > 0 ? static_cast<int>(std::min<double>(passes, kMostLeftOut)) : 0;
}

double step_of(const J2kComponentCoding& coding, int bits, int resolution, int band) {
  if (coding.reversible) return 1;
  return j2k_quantisation(coding, resolution, band).step(bits);
}

}  // namespace

J2kCoarseness::J2kCoarseness(const J2kTolerance& tolerance, const J2kHeader& header,
                             const J2kCoding& coding, int reduce) {
  // A band adds 0.3 to 0.5 of its steps to the error: as wide as this, all of them meet it.
  constexpr double kStepsPerError = 2.2;
  passes_.resize(coding.components.size());
  for (std::size_t c = 0; c < passes_.size(); ++c) {
    const J2kComponentCoding& of = coding.components[c];
    passes_[c].resize(static_cast<std::size_t>(of.levels) + 1);
    const double error = error_of(tolerance, coding, c);
    // Steps in which a region of interest is shifted up say nothing of the size of errors.
    if (error <= 0 || of.region_shift != 0) continue;
    const int last = of.levels - reduce;
    const double most = error * kStepsPerError /
                        (colour_gain(coding, c) * std::sqrt(static_cast<double>(3 * last + 1)));
    const int bits = header.components[c].bits;
    for (int r = 0; r <= last; ++r) {
      J2kPassesLeftOut& left_out = passes_[c][static_cast<std::size_t>(r)];
      if (r == 0) {
        const Norms& norms = norms_of(of.reversible, last);
        // Where a picture is flat errors of LL are no noise, but all the same.
        left_out.lines = passes_below(most / norms.low, step_of(of, bits, 0, 0));
        continue;
      }
      const int syntheses = last - r + 1;
      const Norms& norms = norms_of(of.reversible, syntheses);
      const double lower = left_of_lower_half(tolerance.reduction, syntheses);
      const double upper = left_of_upper_half(of.reversible, tolerance.reduction, syntheses);
      const double line = most / (norms.line * std::sqrt(lower * upper));
      left_out.lines = std::min(passes_below(line, step_of(of, bits, r, 1)),
                                passes_below(line, step_of(of, bits, r, 2)));
      left_out.diagonal = passes_below(most / (norms.diagonal * upper), step_of(of, bits, r, 3));
    }
  }
}

}  // namespace iip

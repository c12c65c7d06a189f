#include "engine/formats/jpeg2000/decode/pass_truncation.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/quantisation.h"

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
// No filter is sharp, and those of the reversible wavelet, which are short, least: unless what they
// let through of the frequencies beyond is averaged away.
double left_of_upper_half(bool is_sharp, double reduction, int syntheses) {
  const double least = (is_sharp ? 0.2 : 0.4) * std::min(2 / reduction, 1.0);
  return std::clamp(std::ldexp(1.0, syntheses) / reduction - 1, least, 1.0);
}

// What is asked of the noise of a component.
struct Bound {
  double error = 0;  // in the samples of the component itself
  double reduction = 1;
  bool is_averaged = false;  // over squares, at last
};

struct Bounds {
  Bound own;
  std::optional<Bound> luminance;  // for the part of the noise that appears in the luminance
};

// How far the smaller picture is from the component, whose own samples may be wider apart.
double reduction_of(const J2kTolerance& tolerance, const J2kHeader& header, std::size_t component) {
  const J2kComponent& of = header.components[component];
  const J2kComponent& first = header.components[0];
  const double spacing = std::max(static_cast<double>(of.dx) / static_cast<double>(first.dx),
                                  static_cast<double>(of.dy) / static_cast<double>(first.dy));
  return tolerance.reduction / std::max(spacing, 1.0);
}

// The most by which an error of the component is multiplied in the colours.
double colour_gain(bool reversible, std::size_t component) {
  if (component == 0 || reversible) return 1;
  return component == 1 ? 1.772 : 1.402;
}

// With the reversible transform, errors of all three components add up in the luminance. Each of
// them may cause this part of the error that is allowed there.
constexpr double kPartOfLuminance = 0.7;

// The reversible transform has the colour differences U = B - G and V = R - G. Half of an error of
// theirs appears in the colour differences of JFIF. Another part appears in the luminance: with
// G = Y - (U + V) / 4, R = V + G and B = U + G that is 0.114 U + 0.299 V - (U + V) / 4. The colour
// differences of the irreversible transform are those of JFIF.
Bounds chroma_bounds(const J2kTolerance& tolerance, bool reversible, std::size_t component,
                     double error) {
  Bounds bounds;
  bounds.own = {tolerance.chroma_error, 2 * tolerance.reduction, true};
  if (!reversible) return bounds;
  constexpr double kInChroma = 0.5;
  const double in_luminance = component == 1 ? 0.136 : 0.049;
  bounds.own.error /= kInChroma;
  bounds.luminance = Bound{kPartOfLuminance * error / in_luminance, tolerance.reduction};
  return bounds;
}

Bounds bounds_of(const J2kTolerance& tolerance, const J2kHeader& header, const J2kCoding& coding,
                 std::size_t component) {
  if (tolerance.errors.empty()) return {};
  Bounds bounds;
  bounds.own = {tolerance.errors[component], reduction_of(tolerance, header, component)};
  if (component >= kTransformed) return bounds;
  if (!coding.multiple_component_transform) {
    if (tolerance.chroma_error <= 0 || !tolerance.is_ycc || component == 0) return bounds;
    bounds.own = {tolerance.chroma_error, 2 * bounds.own.reduction, true};
    return bounds;
  }
  // Components that are transformed together are as exact as the one that has to be most.
  const bool reversible = coding.components[component].reversible;
  const double error =
      *std::min_element(tolerance.errors.begin(), tolerance.errors.begin() + kTransformed);
  bounds.own.error = error / colour_gain(reversible, component);
  if (tolerance.chroma_error <= 0 || tolerance.is_ycc || error <= 0) return bounds;
  if (component > 0) return chroma_bounds(tolerance, reversible, component, error);
  if (reversible) bounds.own.error *= kPartOfLuminance;
  return bounds;
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

// A band adds 0.3 to 0.5 of its steps to the error: as wide as this, all of them meet it.
constexpr double kStepsPerError = 2.2;

// The part that a band has of the error is in proportion to its samples, so that the last pass of
// any saves as much for what it adds: as squares these are a quarter for each synthesis.
double part_of(int syntheses) { return std::ldexp(1.0, -syntheses); }

// The widest steps that the bands of a resolution may have which `syntheses` syntheses follow.
struct WidestSteps {
  double lines;
  double diagonal;
};
WidestSteps widest_steps(const Bound& bound, bool reversible, int syntheses) {
  const Norms& norms = norms_of(reversible, syntheses);
  const double most = bound.error * kStepsPerError * part_of(syntheses);
  const double lower = left_of_lower_half(bound.reduction, syntheses);
  const double upper =
      left_of_upper_half(!reversible || bound.is_averaged, bound.reduction, syntheses);
  return {most / (norms.line * std::sqrt(lower * upper)), most / (norms.diagonal * upper)};
}

// Where a picture is flat errors of LL are no noise, but all the same: half a step, at most. Those
// of colour differences may be as large as all of the error there.
double widest_step_of_lowest(const Bounds& bounds, bool reversible, int syntheses) {
  if (!bounds.own.is_averaged) {
    return bounds.own.error * kStepsPerError * part_of(syntheses) /
           norms_of(reversible, syntheses).low;
  }
  double error = bounds.own.error;
  if (bounds.luminance) error = std::min(error, bounds.luminance->error);
  return 2 * error * std::min(2 * part_of(syntheses), 1.0);
}

J2kPassesLeftOut left_out_of(const Bounds& bounds, const J2kComponentCoding& coding, int bits,
                             int resolution, int last) {
  if (resolution == 0) {
    const double widest = widest_step_of_lowest(bounds, coding.reversible, last);
    return {passes_below(widest, step_of(coding, bits, 0, 0)), 0};
  }
  const int syntheses = last - resolution + 1;
  WidestSteps widest = widest_steps(bounds.own, coding.reversible, syntheses);
  if (bounds.luminance) {
    const WidestSteps other = widest_steps(*bounds.luminance, coding.reversible, syntheses);
    widest = {std::min(widest.lines, other.lines), std::min(widest.diagonal, other.diagonal)};
  }
  // Noise says little of the few coefficients that are large: they may be wrong by a step.
  if (bounds.own.is_averaged) widest.diagonal = std::min(widest.diagonal, 2 * widest.lines);
  const double line_step =
      std::max(step_of(coding, bits, resolution, 1), step_of(coding, bits, resolution, 2));
  return {passes_below(widest.lines, line_step),
          passes_below(widest.diagonal, step_of(coding, bits, resolution, 3))};
}

}  // namespace

PassTruncation::PassTruncation(const J2kTolerance& tolerance, const J2kHeader& header,
                               const J2kCoding& coding, int reduce) {
  passes_.resize(coding.components.size());
  for (std::size_t c = 0; c < passes_.size(); ++c) {
    const J2kComponentCoding& of = coding.components[c];
    passes_[c].resize(static_cast<std::size_t>(of.levels) + 1);
    const Bounds bounds = bounds_of(tolerance, header, coding, c);
    // Steps in which a region of interest is shifted up say nothing of the size of errors.
    if (bounds.own.error <= 0 || of.region_shift != 0) continue;
    const int last = of.levels - reduce;
    for (int r = 0; r <= last; ++r) {
      passes_[c][static_cast<std::size_t>(r)] =
          left_out_of(bounds, of, header.components[c].bits, r, last);
    }
  }
}

}  // namespace iip

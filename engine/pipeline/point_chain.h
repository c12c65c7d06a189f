// What is done to one sample of a channel before the colour map, where nothing else is looked at.
#pragma once

#include <optional>
#include <vector>

#include "engine/image/sample.h"
#include "engine/pipeline/equalise.h"
#include "engine/pipeline/normalise.h"
#include "engine/pipeline/process.h"
#include "engine/pipeline/tone.h"

namespace iip {

// How samples get their range: of 8-bit samples that nothing is done to, all of it.
std::vector<ChannelScale> scales_for(const ProcessingJob& job, const PixelFormat& format);
std::optional<EqualiseCurve> curve_for(const ProcessingJob& job);

// A fraction as a sample of the output: whole numbers are rounded and cut, not a number is 0.
template <class T>
T to_output(float fraction) {
  if constexpr (std::is_floating_point_v<T>) {
    return is_finite(fraction) ? fraction : fraction > 0 ? std::numeric_limits<T>::max() : T{0};
  } else {
    constexpr auto kMost = static_cast<double>(kFullSample<T>);
    constexpr double kRounding = 0.5;  // lround is a call for each sample
    if (!(fraction > 0)) return 0;
    return fraction < 1 ? static_cast<T>(static_cast<double>(fraction) * kMost + kRounding)
                        : kFullSample<T>;
  }
}

// The factor of contrast; one that is not a number is left out.
float contrast_factor(const Processing& processing);

// Calls `work` with a value of the C++ type of output samples of `bits`.
template <class Work>
auto with_output_type(int bits, Work&& work) {
  if (bits == 32) return work(float{});
  if (bits == 16) return work(std::uint16_t{});
  return work(std::uint8_t{});
}

}  // namespace iip

#include "engine/pipeline/point_chain.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace iip {

std::vector<ChannelScale> scales_for(const ProcessingJob& job, const PixelFormat& format) {
  if (format.type == SampleType::u8 && job.processing.is_neutral()) {
    return std::vector<ChannelScale>(job.scale.ranges.size(), ChannelScale{0, 255});
  }
  return channel_scales(job.processing, job.scale, job.statistics);
}

std::optional<EqualiseCurve> curve_for(const ProcessingJob& job) {
  if (job.processing.spread != Spread::equalise || job.statistics == nullptr) {
    return std::nullopt;
  }
  return EqualiseCurve(job.statistics->histogram);
}

float contrast_factor(const Processing& processing) {
  if (std::isnan(processing.contrast)) return 1;
  return static_cast<float>(std::clamp<double>(processing.contrast, -FLT_MAX, FLT_MAX));
}

}  // namespace iip

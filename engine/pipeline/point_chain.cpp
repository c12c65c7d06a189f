#include "engine/pipeline/point_chain.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace iip {

std::vector<ChannelScale> scales_for(const ProcessOrder& order, const PixelFormat& format) {
  if (format.type == SampleType::u8 && order.processing.is_neutral()) {
    return std::vector<ChannelScale>(order.scale.ranges.size(), ChannelScale{0, 255});
  }
  return channel_scales(order.processing, order.scale, order.statistics);
}

std::optional<EqualiseCurve> curve_for(const ProcessOrder& order) {
  if (order.processing.spread != Spread::equalise || order.statistics == nullptr) {
    return std::nullopt;
  }
  return EqualiseCurve(order.statistics->histogram);
}

float contrast_factor(const Processing& processing) {
  if (std::isnan(processing.contrast)) return 1;
  return static_cast<float>(std::clamp<double>(processing.contrast, -FLT_MAX, FLT_MAX));
}

}  // namespace iip

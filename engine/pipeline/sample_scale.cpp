#include "engine/pipeline/sample_scale.h"

#include <cmath>

#include "engine/image/sample.h"

namespace iip {

namespace {

double full_sample(SampleType type) {
  return with_sample_type(
      type, [](auto sample) { return static_cast<double>(kFullSample<decltype(sample)>); });
}

// Alpha has as many bits as the file gives it, which may be fewer than a raster's sample has.
double opaque_sample(const ImageInfo& info) {
  const double full = full_sample(info.format.type);
  const bool is_wide = info.format.type == SampleType::u16 || info.format.type == SampleType::u32;
  if (!is_wide || info.stored_bits < 1 || info.stored_bits > 32) return full;
  return std::min(full, std::ldexp(1.0, info.stored_bits) - 1);
}

}  // namespace

SampleScale scale_of(const ImageInfo& info) {
  SampleScale scale{info.ranges, info.value_offset, opaque_sample(info)};
  for (SampleRange& range : scale.ranges) {
    range.min -= info.value_offset;
    range.max -= info.value_offset;
  }
  // Channels about which the file says nothing are shown with their whole range.
  const int channels = info.shown_channels();
  scale.ranges.resize(static_cast<std::size_t>(channels), {0, opaque_sample(info)});
  return scale;
}

SampleScale full_scale(const PixelFormat& format) {
  const double full = full_sample(format.type);
  const int channels = format.shown_channels();
  return {std::vector<SampleRange>(static_cast<std::size_t>(channels), {0, full}), 0, full};
}

}  // namespace iip

#include "engine/pipeline/planes.h"

#include <algorithm>
#include <cstring>

#include "engine/pipeline/interleave.h"

namespace iip {

namespace {

constexpr std::uint32_t kOpaque = 255;

// Colour channels, 1 or 3, then alpha.
template <std::size_t kColours>
void split_with_alpha(const std::uint8_t* pixels, std::size_t count, const PlanePointers& planes) {
  std::array<std::uint16_t*, kColours + 1> out{};
  for (std::size_t c = 0; c <= kColours; ++c) {
    out[c] = reinterpret_cast<std::uint16_t*>(planes[c]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = pixels + i * (kColours + 1);
    const std::uint32_t alpha = pixel[kColours];
    for (std::size_t c = 0; c < kColours; ++c) {
      out[c][i] = static_cast<std::uint16_t>(pixel[c] * alpha);
    }
    out[kColours][i] = static_cast<std::uint16_t>(kOpaque * alpha);
  }
}

template <std::size_t kColours>
void join_with_alpha(const ConstPlanePointers& planes, std::size_t count, std::uint8_t* pixels) {
  std::array<const std::uint16_t*, kColours + 1> in{};
  for (std::size_t c = 0; c <= kColours; ++c) {
    in[c] = reinterpret_cast<const std::uint16_t*>(planes[c]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t* pixel = pixels + i * (kColours + 1);
    // Filters with negative lobes overshoot: alpha past its maximum, colour past alpha.
    const std::uint32_t alpha = std::min<std::uint32_t>(in[kColours][i], kOpaque * kOpaque);
    const std::uint32_t rounded = (alpha + kOpaque / 2) / kOpaque;
    for (std::size_t c = 0; c < kColours; ++c) {
      const std::uint32_t colour = std::min<std::uint32_t>(in[c][i], alpha);
      pixel[c] =
          static_cast<std::uint8_t>(rounded == 0 ? 0 : (colour * kOpaque + alpha / 2) / alpha);
    }
    pixel[kColours] = static_cast<std::uint8_t>(rounded);
  }
}

}  // namespace

void split_line(const std::uint8_t* pixels, std::size_t count, const PixelFormat& format,
                const PlanePointers& planes) {
  const bool grey = format.model == ColourModel::grey;
  if (format.alpha) {
    grey ? split_with_alpha<1>(pixels, count, planes) : split_with_alpha<3>(pixels, count, planes);
  } else if (grey) {
    std::memcpy(planes[0], pixels, count);
  } else {
    split_rgb(pixels, count, planes[0], planes[1], planes[2]);
  }
}

void join_line(const ConstPlanePointers& planes, std::size_t count, const PixelFormat& format,
               std::uint8_t* pixels) {
  const bool grey = format.model == ColourModel::grey;
  if (format.alpha) {
    grey ? join_with_alpha<1>(planes, count, pixels) : join_with_alpha<3>(planes, count, pixels);
  } else if (grey) {
    std::memcpy(pixels, planes[0], count);
  } else {
    join_rgb(planes[0], planes[1], planes[2], count, pixels);
  }
}

}  // namespace iip

// Watermark: a small picture that is laid over others.
//
// A plane (a picture's image at one scale) is parted into square blocks. Each has one draw, made by
// a hash of the image, the plane's size and the block's place: whether the mark lies in it, by the
// probability, and where. A mark larger than its block, which is cut at the plane's edge, is cut
// too. So the same part of the same plane always shows the same marks, whoever asks for it, in
// whatever pieces.
//
// Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/checkpoint.h"
#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"

namespace iip {

// Where a raster lies, and what the draws depend on.
struct MarkedPart {
  Digest image;  // of its file's version, the same on every machine
  Size plane;
  Rect part;  // the part of the plane that the raster shows
  std::int64_t block = 1;
  double probability = 1;
  double opacity = 1;
};

class Watermark {
 public:
  // Grey or RGB, of 8 bits, or of 16 of which `bits` are used, with or without alpha. Others are
  // unsupported.
  static Result<Watermark> from(const Raster& raster, int bits);

  const Size& size() const { return size_; }

  // Blends the mark over the raster: its alpha times the opacity, over the raster's own alpha. Grey
  // or RGB, 8 or 16 bits; further channels stay as they are.
  Status lay_over(Raster& raster, const MarkedPart& where, const Deadline& deadline) const;

 private:
  struct Pixel {
    std::uint16_t red, green, blue, grey, alpha;  // 65535 is white, and opaque
  };

  const Pixel& pixel(std::int64_t x, std::int64_t y) const {
    return pixels_[static_cast<std::size_t>(y * size_.width + x)];
  }
  template <class T>
  Status lay_into(Raster& raster, const Rect& block, const MarkedPart& where,
                  Checkpoint& checkpoint) const;
  template <class T>
  void blend(T* to, const PixelFormat& format, const Pixel& over, double opacity) const;

  Size size_;
  std::vector<Pixel> pixels_;
};

}  // namespace iip

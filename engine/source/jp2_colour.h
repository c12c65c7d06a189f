// From the decoded components of a JPEG 2000 image to pixels: palettes, channel definitions,
// subsampled components, sYCC, signed samples and every depth up to 16 bits become 8-bit grey or
// RGB, with alpha where the file defines it.
#pragma once

#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/image/raster.h"
#include "engine/source/j2k_header.h"
#include "engine/source/jp2_boxes.h"
#include "engine/source/jp2_decoder.h"

namespace iip {

class Jp2Colour {
 public:
  // Errors: corrupt for channels that are not there; unsupported for colour spaces that can not be
  // shown.
  static Result<Jp2Colour> of(const Jp2Boxes& boxes, const J2kHeader& header);

  const PixelFormat& format() const { return format_; }

  // Writes the pixels of `area` to `out`, its corner to (x, y). `area` is in absolute pixels of the
  // resolution that `picture` was decoded at: a pixel is `step` units of the (reduced) reference
  // grid wide and high.
  void convert(const J2kPicture& picture, const Rect& area, const Size& step, Raster& out,
               std::int64_t x, std::int64_t y) const;

 private:
  // One channel of the pixels: table[sample + offset] is its value.
  struct Channel {
    std::size_t component = 0;
    std::int64_t dx = 1;
    std::int64_t dy = 1;
    std::int32_t offset = 0;
    ByteVector table;
  };

  static Result<Channel> channel_of(const Jp2ChannelSource& source, const Jp2Boxes& boxes,
                                    const J2kHeader& header);

  PixelFormat format_;
  std::vector<Channel> channels_;  // as in the pixels: colours, then alpha
  bool is_ycc_ = false;
  bool is_premultiplied_ = false;
};

}  // namespace iip

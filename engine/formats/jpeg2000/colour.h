// From the decoded components of a JPEG 2000 image to pixels: palettes, channel definitions,
// subsampled components, sYCC and signed samples become grey or RGB, with alpha where the file
// defines it.
//
// Pixels are as deep as the deepest colour. Of 9 to 16 bits they are u16 and the file's own values,
// signed ones from 0 up; of fewer, bytes over which the values are spread. Colours that are less
// deep than another, and alpha, are brought to that depth. Never changed once made, so for any
// number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/boxes.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/codestream/picture.h"
#include "engine/formats/jpeg2000/decode/pass_truncation.h"
#include "engine/image/image_info.h"
#include "engine/image/raster.h"
#include "engine/source/source.h"

namespace iip {

class Jp2Colour {
 public:
  // Errors: corrupt for channels that are not there; unsupported for colour spaces that can not be
  // shown.
  static Result<Jp2Colour> of(const Jp2Boxes& boxes, const J2kHeader& header);

  const PixelFormat& format() const { return format_; }
  // The memory of its tables.
  std::uint64_t table_bytes() const;
  // As ImageInfo has them: of the deepest colour, and the same range for each.
  int bits() const { return bits_; }
  double value_offset() const { return value_offset_; }
  SampleRange range() const;
  // Which of `count` components the pixels are made of.
  std::vector<bool> components(std::size_t count) const;

  // The error that the samples of each component may have where pixels may have `of_pixels`: 0
  // where that can not be told, as for palettes, or must not be, as for alpha.
  J2kTolerance tolerance(const ReadTolerance& of_pixels, const J2kHeader& header) const;

  // Writes the pixels of `area` to `out`, its corner to (x, y). `area` is in absolute pixels of the
  // resolution that `picture` was decoded at: a pixel is `step` units of the (reduced) reference
  // grid wide and high.
  void convert(const J2kPicture& picture, const Rect& area, const Size& step, Raster& out,
               std::int64_t x, std::int64_t y) const;

 private:
  // One channel of the pixels: table[sample + offset] is its value, or where there is no table the
  // index itself, which is 0..largest.
  struct Channel {
    std::size_t component = 0;
    std::int64_t dx = 1;
    std::int64_t dy = 1;
    std::int32_t offset = 0;
    std::int32_t largest = 0;
    bool is_of_palette = false;
    std::vector<std::uint16_t> table;
  };
  struct Depth {
    int bits = 8;
    bool is_signed = false;
    bool is_of_palette = false;
  };

  static Result<Depth> depth_of(const Jp2ChannelSource& source, const Jp2Boxes& boxes,
                                const J2kHeader& header);
  static Channel channel_of(const Jp2ChannelSource& source, const Jp2Boxes& boxes,
                            const J2kHeader& header, int bits);
  void set_depth(std::span<const Depth> colours);
  bool are_colours_alone() const;
  template <class T>
  void convert_to(const J2kPicture& picture, const Rect& area, const Size& step, Raster& out,
                  std::int64_t x, std::int64_t y) const;

  PixelFormat format_;
  int bits_ = 8;
  double value_offset_ = 0;
  std::vector<Channel> channels_;  // as in the pixels: colours, then alpha
  bool is_ycc_ = false;
  bool is_premultiplied_ = false;
};

}  // namespace iip

// From the samples as a TIFF stores them to the pixels of a Raster.
//
// Grey stays grey, turned round where 0 is white; RGB stays RGB; palette indices become RGB; YCbCr
// becomes RGB by the file's own coefficients and reference levels. Alpha is kept as the last
// channel and freed from the colour it was multiplied into; channels of no stated meaning are left
// out. Immutable, thread-safe.
#pragma once

#include <array>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"
#include "engine/source/tiff_directory.h"
#include "engine/source/tiff_image.h"

namespace iip {

class TiffColour {
 public:
  // Errors: corrupt (no colour map where one is needed), unsupported.
  static Result<TiffColour> of(const TiffDirectory& directory, const TiffImage& image);

  const PixelFormat& format() const { return format_; }
  // The stored channels that format() is made of, in the order in which convert() takes separate
  // planes.
  const std::vector<int>& channels() const { return channels_; }

  // Decoded samples are pixels of format() as they are.
  bool is_identity() const { return is_copy() && !separate_ && !subsampled_; }

  // Where a block holds decoded samples.
  struct Block {
    ByteSpan samples;            // from row `first_row` on; planes, if separate, one after another
    std::int64_t first_row = 0;  // of the block
    std::uint64_t plane_bytes = 0;  // from one plane to the next
  };
  // Writes `part` of a block (in pixels of the block) to `out` at (x, y).
  void convert(const Block& block, const Rect& part, Raster& out, std::int64_t x,
               std::int64_t y) const;

  // Fills `area` of `out` with what stored zeros look like (without a colour cast for YCbCr).
  void fill_sparse(Raster& out, const Rect& area) const;

 private:
  enum class Kind { direct, palette, ycbcr };
  struct YcbcrTables {
    std::array<std::int32_t, 256> luma, red, green_cb, green_cr, blue;
  };

  TiffColour() = default;
  bool is_copy() const {
    return kind_ == Kind::direct && !inverted_ && !associated_ &&
           format_.pixel_bytes() == pixel_samples_;
  }
  const std::uint8_t* gather(const Block& block, std::int64_t row, const Rect& part,
                             ByteVector& line) const;
  void convert_row(const std::uint8_t* in, std::int64_t pixels, std::uint8_t* out) const;
  void convert_ycbcr(const std::uint8_t* in, std::uint8_t* out) const;
  static YcbcrTables ycbcr_tables(const TiffDirectory& directory);

  Kind kind_ = Kind::direct;
  PixelFormat format_;
  std::vector<int> channels_;
  bool inverted_ = false;
  bool associated_ = false;
  // The layout of a decoded block.
  bool separate_ = false;
  bool subsampled_ = false;
  Size chroma_{1, 1};
  std::int64_t block_width_ = 0;
  // The layout of one pixel as convert_row() takes it.
  std::size_t pixel_samples_ = 1;
  std::size_t alpha_at_ = 0;

  std::array<std::array<std::uint8_t, 3>, 256> palette_{};
  YcbcrTables tables_{};
};

}  // namespace iip

// From the samples as a TIFF stores them to the pixels of a Raster.
//
// Grey stays grey, turned round where 0 is white, except of floats, whose range is then stated from
// white to black; RGB stays RGB; palette indices become RGB of 8 bits; YCbCr becomes RGB by the
// file's own coefficients and reference levels; CMYK stays what it is, other inks are grey and
// further channels; CIELAB becomes L*, a* and b*; the logarithms of LogLuv become linear RGB with
// the primaries of Rec. 709. Alpha is the last channel, freed from the colour it was multiplied
// into; channels of no stated meaning stand before it. Immutable, thread-safe.
#pragma once

#include <array>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/tiff/image.h"
#include "engine/formats/tiff/lab.h"
#include "engine/formats/tiff/samples.h"
#include "engine/formats/tiff/structure/directory.h"
#include "engine/formats/tiff/ycbcr.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"

namespace iip {

class TiffColour {
 public:
  // Errors: corrupt (no colour map where one is needed), unsupported.
  static Result<TiffColour> of(const TiffDirectory& directory, const TiffImage& image);

  // Reads the colours of a palette, which of() leaves alone; call it before anything is converted.
  // A file may have hundreds of directories with palettes of 65536 colours, and a request needs the
  // colours of a few of them only.
  Status load_palette(const File& file);

  // The memory of its tables.
  std::uint64_t table_bytes() const { return palette_.capacity() * sizeof(Rgb); }

  const PixelFormat& format() const { return format_; }
  // The stored channels that format() is made of, in the order in which convert() takes separate
  // planes: colour, further ones, alpha.
  const std::vector<int>& channels() const { return channels_; }

  // Decoded samples are pixels of format() as they are.
  bool is_identity() const {
    return is_copy() && sample_.is_stored_as_is() && !separate_ && !subsampled_;
  }
  // The numbers of the pixels are those of the stored samples, perhaps turned round.
  bool keeps_numbers() const { return kind_ == Kind::direct; }

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
  enum class Kind { direct, palette, ycbcr, lab, log_luv };
  using Rgb = std::array<std::uint8_t, 3>;

  TiffColour() = default;
  Status choose_colours(const TiffDirectory& directory, const TiffImage& image);
  void sort_channels(const TiffDirectory& directory, const TiffImage& image);

  bool is_copy() const { return kind_ == Kind::direct && !inverted_ && !associated_ && in_order_; }
  template <class In>
  void convert_rows(const Block& block, const Rect& part, Raster& out, std::int64_t x,
                    std::int64_t y) const;
  template <class In>
  const In* gather(const Block& block, std::int64_t row, std::int64_t x, std::size_t pixels,
                   std::vector<In>& line) const;
  void gather_units(const std::uint8_t* samples, std::int64_t row, std::int64_t x,
                    std::size_t pixels, std::uint8_t* out) const;
  template <class In>
  void unpack(const TiffPackedSamples& packed, In* out, std::size_t step) const;
  template <class In>
  void convert_pixels(const In* in, std::size_t pixels, std::uint8_t* out) const;
  template <class T>
  void convert_direct(const T* in, std::size_t pixels, T* out) const;
  template <class In>
  void convert_palette(const In* in, std::size_t pixels, std::uint8_t* out) const;
  template <class In>
  void convert_lab(const In* in, std::size_t pixels, float* out) const;

  Kind kind_ = Kind::direct;
  PixelFormat format_;
  TiffSampleFormat sample_;
  std::vector<int> channels_;
  bool inverted_ = false;
  bool associated_ = false;
  // The layout of a decoded block.
  bool separate_ = false;
  bool subsampled_ = false;
  Size chroma_{1, 1};
  std::int64_t block_width_ = 0;
  std::uint64_t row_bytes_ = 0;
  // The layout of one pixel once it is gathered: where each channel of the raster is.
  std::size_t pixel_samples_ = 1;
  std::vector<std::size_t> order_;
  bool in_order_ = true;  // as in the raster, and nothing else

  TiffArray colour_map_;  // of a palette: all red values, then green, then blue
  std::vector<Rgb> palette_;
  TiffYcbcr ycbcr_;
  TiffLab lab_;
};

}  // namespace iip

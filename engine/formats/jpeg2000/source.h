// A JPEG 2000 file (JP2, JPX with its first codestream, or a raw codestream) as a Source.
//
// Levels are the resolutions of the codestream, down to the first that fits a tile, and where none
// does, further halvings that are averaged from the smallest: the numbers that iipsrv gives them.
// read() knows the smaller resolutions by the numbers behind those, too. Pixels are decoded in
// blocks, so that memory follows the block and the deadline is asked between them.
//
// Read in this order: codestream/header.h, index/index.h, decode/region.h, openjpeg/decoder.h, each
// the main header of its folder; colour.h (from components to channels), then this header. Thread-
// safe as every Source.
#pragma once

#include <memory>
#include <vector>

#include "engine/formats/jpeg2000/codestream/boxes.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/codestream/picture.h"
#include "engine/formats/jpeg2000/colour.h"
#include "engine/formats/jpeg2000/index/index.h"
#include "engine/source/source.h"

namespace iip {

class Jp2Source : public Source {
 public:
  static Result<std::shared_ptr<const Source>> open(const OpenContext& context);

  struct Parts {
    J2kCodestream codestream;
    J2kHeader header;
    Jp2Colour colour;
    Size step;                // of a pixel on the reference grid
    std::vector<Rect> areas;  // of the codestream's resolutions, in absolute pixels
  };
  Jp2Source(ImageInfo info, Parts parts)
      : Source(std::move(info)),
        parts_(std::move(parts)),
        is_shown_(parts_.colour.components(parts_.header.components.size())),
        index_(parts_.codestream, parts_.header) {}

  // Indexes and tiles are in the DerivedDataCache.
  std::uint64_t kept_bytes() const override;

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;

 private:
  Result<Raster> read_resolution(const ReadContext& context, std::size_t reduce,
                                 const Rect& rect) const;
  Status read_block(const ReadContext& context, std::size_t reduce, const Rect& area, Raster& out,
                    std::int64_t x, std::int64_t y) const;
  Rect with_all_components(const Rect& area) const;
  Result<J2kPicture> decode(const ReadContext& context, int reduce, const Rect& area) const;
  template <class Work>
  Status for_each_tile(const ReadContext& context, const Rect& full, const Work& work) const;
  Result<std::uint64_t> largest_tile(const ReadContext& context, const Rect& full) const;
  Result<J2kPicture> decode_plainly(const ReadContext& context, int reduce, const Rect& area) const;
  Result<std::optional<J2kPicture>> decode_tiles(const ReadContext& context, int reduce,
                                                 const Rect& area) const;
  Result<bool> decode_tile(const ReadContext& context, int reduce, std::int64_t tile,
                           const Rect& area, J2kPicture& out, std::uint64_t& resolutions) const;
  Status decode_indexed(const ReadContext& context, int reduce, const J2kTileIndex& index,
                        const Rect& area, J2kPicture& out) const;
  Status decode_excerpt(const ReadContext& context, int reduce, const J2kTileIndex& index,
                        const Rect& area, J2kPicture& out) const;
  Result<Raster> read_averaged(const ReadContext& context, std::size_t level,
                               const Rect& rect) const;

  const Parts parts_;
  const std::vector<bool> is_shown_;  // by component
  const J2kIndex index_;
};

}  // namespace iip

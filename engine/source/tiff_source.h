// A TIFF file as a Source.
#pragma once

#include <memory>
#include <vector>

#include "engine/source/source.h"
#include "engine/source/tiff_level.h"

namespace iip {

class TiffSource : public Source {
 public:
  static Result<std::shared_ptr<const Source>> open(const OpenContext& context);

  TiffSource(ImageInfo info, std::vector<std::unique_ptr<TiffLevel>> levels)
      : Source(std::move(info)), levels_(std::move(levels)) {}

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;
  Result<std::optional<StoredJpegTile>> stored_jpeg_tile(const ReadContext& context,
                                                         std::size_t level,
                                                         std::int64_t index) const override;

 private:
  const std::vector<std::unique_ptr<TiffLevel>> levels_;  // as info().levels
};

}  // namespace iip

// A TIFF file as a Source.
//
// Read in this order: image.h (what one directory says of its pixels), pyramid.h (which directories
// are levels and which are pages), array_reader.h (where blocks lie), decoder.h with library.h,
// memory_file.h, lzma_stream.h, old_jpeg.h and undecoded.h (one block through libtiff), depth.h,
// samples.h, colour.h, ycbcr.h, lab.h and ranges.h (from what is stored to pixels), level.h (all of
// that for a rectangle), metadata.h and exif.h, then this header. The way back: encoder.h,
// writer.h, tags.h. Directories themselves are read and written in structure/. Thread-safe as every
// Source.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "engine/formats/tiff/level.h"
#include "engine/formats/tiff/pyramid.h"
#include "engine/source/source.h"

namespace iip {

class TiffSource : public Source {
 public:
  static Result<std::shared_ptr<const Source>> open(const OpenContext& context);

  // What the images of all pages of a file share.
  struct Stack {
    TiffEncoding encoding;
    std::vector<std::uint64_t> directories;  // where that of each page is; empty: it is no stack
    Pages pages;
    // Set by the first page that is slow to read: the log is told of the file, not of each page.
    mutable std::atomic<bool> was_warned_of = false;
  };

  TiffSource(ImageInfo info, std::vector<std::unique_ptr<TiffLevel>> levels,
             std::shared_ptr<const Stack> stack)
      : Source(std::move(info)), levels_(std::move(levels)), stack_(std::move(stack)) {}

  std::uint64_t kept_bytes() const override;
  std::uint64_t idle_bytes() const override;
  Result<std::shared_ptr<const Source>> open_page(const OpenContext& context) const override;

  Effort effort(std::size_t level, const Rect& rect) const override {
    return levels_[level]->effort(rect);
  }
  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;
  Result<std::optional<StoredJpegTile>> stored_jpeg_tile(const ReadContext& context,
                                                         std::size_t level,
                                                         std::int64_t index) const override;

 private:
  static Result<std::shared_ptr<const Source>> finish(const OpenContext& context,
                                                      const TiffDirectory& directory,
                                                      std::vector<TiffPyramidLevel> pyramid,
                                                      std::shared_ptr<const Stack> stack);

  const std::vector<std::unique_ptr<TiffLevel>> levels_;  // as info().levels
  const std::shared_ptr<const Stack> stack_;
};

}  // namespace iip

// Source: random access to the pixels of one version of one image file.
//
// Opened once per file version (formats/open_source.h), kept by the open-image cache, used by many
// requests at a time: all members are const and thread-safe. A Source holds no descriptor; each
// call brings the file that the request has open, which must be the same version that was opened.
#pragma once

#include <memory>
#include <optional>

#include "engine/base/allowance.h"
#include "engine/base/derived_data_cache.h"
#include "engine/base/effort.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/confined/confined_decoders.h"
#include "engine/image/image_info.h"
#include "engine/image/raster.h"

namespace iip {

// How exact the samples that are read have to be, for who makes a smaller picture of them.
struct ReadTolerance {
  // The root mean square of the error, in values of the raster, that may be left in the smaller
  // picture; 0: none, what is read is exact.
  double error = 0;
  double reduction = 1;  // how much smaller it will be at least, in each direction
  // The root mean square of the error that may be left in the colour differences of the smaller
  // picture (Cb and Cr of JFIF, if it is RGB), where an encoder averages these over squares of 2x2
  // of its pixels; 0: none does, or that is not known.
  double chroma_error = 0;
};

// What one request lends to the sources it reads.
struct ReadContext {
  const File& file;
  MemoryBudget& budget;
  LogSink& log;
  Deadline deadline = {};            // read() asks it before each tile
  DerivedDataCache* kept = nullptr;  // null: what would be kept is made for each read
  int layers = 0;                    // quality layers to decode, of an image that has them; 0: all
  ReadTolerance tolerance = {};      // sources may be less exact where that saves work
  // For what is not decoded in this process; null: such pictures are unsupported.
  ConfinedDecoders* decoders = nullptr;
  EffortLimit* effort = nullptr;  // null: no limit

  // Errors: too_large, if the request may not go on and read this.
  Status spend(const Effort& more) const {
    return effort == nullptr ? Status{} : effort->spend(more, file.size());
  }

  Allowance allowance() const { return {budget, deadline}; }
};

// A stored tile that is a whole picture once `tables` are put in front of it: bytes
// [offset, offset + length) of the file are SOI, then segments and scan data, then EOI.
struct StoredJpegTile {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  Bytes tables;  // DQT and DHT segments, without SOI and EOI; empty where the tile has its own
};

struct OpenContext;

class Source {
 public:
  virtual ~Source() = default;

  const ImageInfo& info() const { return info_; }

  // The memory that it keeps, about: what was made when it was opened, and what may be added while
  // it is used, but for what is counted where it is kept, in the DerivedDataCache.
  virtual std::uint64_t kept_bytes() const { return info_.bytes(); }
  // What decoders that wait for the next request hold just now, beside that.
  virtual std::uint64_t idle_bytes() const { return 0; }

  // Another page of the same version of the file, by what this one knows of it. Errors are those of
  // open_source(): not_found where the file has one picture.
  virtual Result<std::shared_ptr<const Source>> open_page(const OpenContext& context) const;

  // What read() takes at most. `rect` lies within levels[level].
  virtual Effort effort(std::size_t level, const Rect& rect) const;

  // The pixels of `rect`, which lies within levels[level], in info().format. Reads only the tiles
  // that `rect` touches.
  virtual Result<Raster> read(const ReadContext& context, std::size_t level,
                              const Rect& rect) const = 0;

  // The stored tile, if it can go out as a JPEG picture of tile_rect(index).size() without being
  // decoded: its header was read and checked. nullopt: take read() instead.
  virtual Result<std::optional<StoredJpegTile>> stored_jpeg_tile(const ReadContext& context,
                                                                 std::size_t level,
                                                                 std::int64_t index) const;

 protected:
  explicit Source(ImageInfo info) : info_(std::move(info)) {}
  ImageInfo info_;
};

struct SourceLimits {
  std::uint64_t max_pixels = std::uint64_t{1} << 38;    // of the full size
  std::uint64_t max_metadata = std::uint64_t{1} << 20;  // bytes of one text, XMP or ICC value
  std::uint64_t max_metadata_in_all = std::uint64_t{2} << 20;  // ... and of all that are kept
  std::size_t page = 0;                                        // of a stack; see ImageInfo::pages
};

// What one request lends to the opening of a file, which is work like any other: it is counted
// against the budget and ends with the deadline.
struct OpenContext {
  const File& file;
  MemoryBudget& budget;
  LogSink& log;
  Deadline deadline = {};
  SourceLimits limits = {};
};

// The error of a file of one picture that is asked for another page of it.
tl::unexpected<Error> no_such_page(std::size_t page);

}  // namespace iip

// One resolution of a TIFF image, ready to be read: finds the stored blocks a rectangle touches,
// fetches, decodes and converts them; finds stored JPEG tiles that can go out as they are.
//
// Thread-safe. Keeps no descriptor: each call brings the file.
#pragma once

#include <optional>
#include <span>

#include "engine/formats/jpeg/header.h"
#include "engine/formats/tiff/array_reader.h"
#include "engine/formats/tiff/colour.h"
#include "engine/formats/tiff/decoder.h"
#include "engine/formats/tiff/image.h"
#include "engine/image/image_info.h"
#include "engine/image/raster.h"
#include "engine/source/source.h"

namespace iip {

// Memory for one block before and after decoding, kept from block to block of a request and
// counted against its budget.
class TiffScratch {
 public:
  explicit TiffScratch(MemoryBudget& budget) : stored_(budget), decoded_(budget) {}

  Result<std::span<std::uint8_t>> stored(std::uint64_t bytes) { return stored_.of(bytes); }
  Result<std::span<std::uint8_t>> decoded(std::uint64_t bytes) { return decoded_.of(bytes); }

 private:
  class Buffer {
   public:
    explicit Buffer(MemoryBudget& budget) : budget_(budget) {}
    Result<std::span<std::uint8_t>> of(std::uint64_t bytes);

   private:
    MemoryBudget& budget_;
    Reservation reservation_;
    std::unique_ptr<std::uint8_t[]> data_;
    std::uint64_t capacity_ = 0;
  };

  Buffer stored_;
  Buffer decoded_;
};

class TiffLevel {
 public:
  TiffLevel(TiffImage image, TiffColour colour);

  Level geometry() const { return {image_.size, image_.block}; }
  // The memory that it keeps: what was made with it, and what idle decoders hold.
  std::uint64_t kept_bytes() const;
  std::uint64_t idle_bytes() const { return decoder_.idle_bytes(); }

  // See Source::effort.
  Effort effort(const Rect& rect) const;

  // Fills `out`, whose size is that of `rect`, with the pixels of `rect`.
  Status read(const ReadContext& context, const Rect& rect, Raster& out) const;

  // See Source::stored_jpeg_tile.
  Result<std::optional<StoredJpegTile>> stored_jpeg_tile(const ReadContext& context,
                                                         std::int64_t index) const;

 private:
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;  // 0: the block was never written
    std::int64_t rows = 0;
    int channel = 0;  // that is stored there; 0 where all are
  };

  // Finds the blocks of one plane.
  struct Index {
    Index(const File& file, const TiffImage& image)
        : offsets(file, image.offsets), byte_counts(file, image.byte_counts) {}
    TiffArrayReader offsets;
    TiffArrayReader byte_counts;
  };

  // One of those that are stored.
  struct Block {
    std::int64_t column = 0;
    std::int64_t row = 0;
  };

  std::size_t planes() const { return image_.separate ? colour_.channels().size() : 1; }
  Result<Place> find(const File& file, Index& index, std::int64_t block, std::int64_t row) const;
  // `indexes`: one for each plane.
  Status read_block(const ReadContext& context, TiffScratch& scratch, std::span<Index> indexes,
                    const Block& block, const Rect& rect, Raster& out) const;
  Status fetch(const ReadContext& context, TiffScratch& scratch, std::span<const Place> places,
               const Rect& part, std::span<std::uint8_t> out) const;
  Status fetch_decoded(const ReadContext& context, TiffScratch& scratch, const Place& place,
                       std::span<std::uint8_t> out) const;
  Status fetch_rows(const File& file, const Place& place, const Rect& part,
                    std::span<std::uint8_t> out) const;
  bool lies_as_decoded(const Rect& part, const Rect& target, const Raster& out) const;
  bool has_plain_rows() const;
  bool may_go_out_stored() const;
  bool is_plain_jpeg(const JpegHeader& header) const;

  const TiffImage image_;
  const TiffColour colour_;
  const TiffDecoder decoder_;
  const std::optional<JpegTables> tables_;  // empty slots where the file has no JPEGTables
};

}  // namespace iip

// A JPEG file as a Source.
//
// Sequential files are read in place, any part for itself. Others (progressive, arithmetic-coded,
// in several scans) are written anew as sequential ones, once, in memory that is kept while there
// is room. Levels are those that libjpeg's transforms give (a half, a quarter, an eighth), and
// below them averages of the last of these; the eighth of a picture is kept as pixels, with what is
// below it, so that overviews do not go through the whole file each time.
//
// Read in this order: segments.h and header.h (what stands before the scan), file.h (a whole file
// up to there), huffman.h, scan.h, mcu_reader.h and mcu_writer.h (the coded units), index.h (where
// each can be entered), region.h (a part as a stream of its own), splice.h (stored tiles that go
// out as they are), transcode.h with scan_count.h (any other file made sequential), library.h and
// decoder.h (pixels, by libjpeg), stream.h (any part of a picture), then this header. The way back:
// encoder.h. Thread-safe as every Source.
#pragma once

#include <memory>

#include "engine/formats/jpeg/file.h"
#include "engine/formats/jpeg/stream.h"
#include "engine/source/source.h"

namespace iip {

bool is_jpeg(ByteSpan head);

class JpegSource : public Source {
 public:
  // With the orientation that Exif states.
  static Result<std::shared_ptr<const Source>> open(const OpenContext& context);

  JpegSource(ImageInfo info, JpegFile jpeg);

  std::uint64_t kept_bytes() const override;

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;

 private:
  class KeptJpeg;
  // A picture that is read: its stream, and where the bytes of it are.
  struct Stream {
    const JpegStream* stream;
    StoredBytes bytes;
    std::shared_ptr<const KeptJpeg> kept;  // holds both, unless they are the file's own
  };

  Result<Stream> find_stream(const ReadContext& context) const;
  Result<std::shared_ptr<const KeptJpeg>> make_sequential(const ReadContext& context) const;
  bool may_keep_overview(const ReadContext& context) const;
  Result<Raster> read_overview(const ReadContext& context, std::size_t level,
                               const Rect& rect) const;
  Result<Raster> read_transformed(const ReadContext& context, const Stream& stream,
                                  std::size_t level, const Rect& rect) const;
  Result<Raster> read_averaged(const ReadContext& context, const Stream& stream, std::size_t level,
                               const Rect& rect) const;

  const JpegFile jpeg_;
  const std::unique_ptr<const JpegStream> stream_;  // null where the file is not sequential
  const KeptOwner sequential_ = std::make_shared<const KeptTag>();
  const KeptOwner overview_ = std::make_shared<const KeptTag>();
};

}  // namespace iip

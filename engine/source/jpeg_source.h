// A JPEG file as a Source.
//
// Sequential files are read in place, any part for itself. Levels are those that libjpeg's
// transforms give (a half, a quarter, an eighth), and below them averages of the last of these.
#pragma once

#include <memory>

#include "engine/source/jpeg_stream.h"
#include "engine/source/source.h"

namespace iip {

bool is_jpeg(ByteSpan head);

class JpegSource : public Source {
 public:
  // With the orientation that Exif states.
  static Result<std::shared_ptr<const Source>> open(const File& file, const SourceLimits& limits,
                                                    LogSink& log);

  JpegSource(ImageInfo info, std::unique_ptr<const JpegStream> stream, bool inverted_cmyk);

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;

  const JpegStream& stream() const { return *stream_; }

 private:
  Result<Raster> read_transformed(const ReadContext& context, std::size_t level,
                                  const Rect& rect) const;
  Result<Raster> read_averaged(const ReadContext& context, std::size_t level,
                               const Rect& rect) const;

  const std::unique_ptr<const JpegStream> stream_;
  const bool inverted_cmyk_;
};

}  // namespace iip

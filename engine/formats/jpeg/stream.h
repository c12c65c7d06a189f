// A sequential JPEG picture, any part of which can be decoded for itself, at full size or shrunk by
// libjpeg's own transforms.
//
// The pixels of a part are exactly those of the whole picture decoded: libjpeg is given the part's
// MCUs with a margin, as far as its interpolation of chroma reaches. Immutable but for the index;
// thread-safe.
#pragma once

#include <memory>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg/header.h"
#include "engine/formats/jpeg/index.h"
#include "engine/formats/jpeg/scan.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"
#include "engine/source/source.h"
#include "engine/source/stored_bytes.h"

namespace iip {

class JpegStream {
 public:
  // `head` as JpegFile has it; the scan begins at `scan_offset` of the bytes that read() is given.
  // nullptr where the stream can be read from its beginning only.
  static std::unique_ptr<const JpegStream> of(const JpegHeader& header, ByteVector head,
                                              std::uint64_t scan_offset);

  // Decodes `part` of the picture shrunk by 1, 2, 4 or 8. Errors: corrupt, busy, too_large.
  Result<Raster> read(StoredBytes bytes, int shrink, const Rect& part, bool inverted_cmyk,
                      const ReadContext& context) const;

  // The whole picture, by going through it once.
  Result<Raster> read_whole(StoredBytes bytes, int shrink, bool inverted_cmyk,
                            const ReadContext& context) const;

  // The memory of it and of the whole of its index, which is made piece by piece.
  std::uint64_t kept_bytes() const {
    return sizeof(JpegStream) + head_.capacity() + index_.most_bytes();
  }

  JpegStream(const JpegHeader& header, ByteVector head, JpegScan scan)
      : header_(header), head_(std::move(head)), scan_(std::move(scan)), index_(scan_) {}

 private:
  PixelFormat format() const;
  Rect mcus_around(const Rect& part) const;

  const JpegHeader header_;
  const ByteVector head_;
  const JpegScan scan_;
  const JpegIndex index_;
};

}  // namespace iip

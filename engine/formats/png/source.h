// A PNG file as a Source: decoded as a whole when a part of it is first read, and kept with its
// levels while there is room.
//
// Read in this order: header.h (the chunks before the pixels), inflate.h, decoder.h (pixels, by
// libpng), then this header. The way back: encoder.h. Thread-safe as every Source.
#pragma once

#include <memory>

#include "engine/formats/png/header.h"
#include "engine/source/kept_picture.h"
#include "engine/source/source.h"

namespace iip {

bool is_png(ByteSpan head);

class PngSource : public Source {
 public:
  // With the orientation that Exif states.
  static Result<std::shared_ptr<const Source>> open(const OpenContext& context);

  PngSource(ImageInfo info, PngHeader header)
      : Source(std::move(info)), header_(std::move(header)) {}

  std::uint64_t kept_bytes() const override { return info_.bytes() + header_.head.capacity(); }

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;

 private:
  Result<std::shared_ptr<const KeptPicture>> decode(const ReadContext& context) const;

  const PngHeader header_;
  const KeptOwner picture_ = std::make_shared<const KeptTag>();
};

}  // namespace iip

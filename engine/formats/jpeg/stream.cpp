#include "engine/formats/jpeg/stream.h"

#include <algorithm>

#include "engine/formats/jpeg/decoder.h"
#include "engine/formats/jpeg/region.h"
#include "engine/source/file_feed.h"

namespace iip {

std::unique_ptr<const JpegStream> JpegStream::of(const JpegHeader& header, ByteVector head,
                                                 std::uint64_t scan_offset) {
  std::optional<JpegScan> scan = JpegScan::of(header, head, scan_offset);
  if (!scan) return nullptr;
  return std::make_unique<const JpegStream>(header, std::move(head), std::move(*scan));
}

// Columns and rows of MCUs that `part`, in pixels, touches, and one more on each side where chroma
// is interpolated: it reaches less than a block.
Rect JpegStream::mcus_around(const Rect& part) const {
  const Size& mcu = scan_.mcu();
  const std::int64_t margin = scan_.is_subsampled() ? 1 : 0;
  const Rect touched{part.x / mcu.width - margin, part.y / mcu.height - margin,
                     ceil_div(part.right(), mcu.width) - part.x / mcu.width + 2 * margin,
                     ceil_div(part.bottom(), mcu.height) - part.y / mcu.height + 2 * margin};
  return intersect(touched, {0, 0, scan_.mcus_across(), scan_.mcus_down()});
}

PixelFormat JpegStream::format() const {
  PixelFormat format;
  format.model = header_.component_count == 1 ? ColourModel::grey : ColourModel::rgb;
  return format;
}

Result<Raster> JpegStream::read_whole(StoredBytes bytes, int shrink, bool inverted_cmyk,
                                      const ReadContext& context) const {
  const Size size{ceil_div(header_.size.width, shrink), ceil_div(header_.size.height, shrink)};
  auto out = UnwrittenRaster::create(size, format(), context.budget);
  if (!out) return pass_on(out);
  const JpegDecoding how{header_.size, shrink, header_.component_count, inverted_cmyk};
  FileFeed feed(head_, bytes, scan_.offset(), context.deadline);
  Status status = decode_jpeg(feed, how, Rect::of(size), out->pixels(), context.deadline);
  if (!status) return pass_on(status);
  return std::move(*out).written(size.height);
}

Result<Raster> JpegStream::read(StoredBytes bytes, int shrink, const Rect& part, bool inverted_cmyk,
                                const ReadContext& context) const {
  auto out = UnwrittenRaster::create(part.size(), format(), context.budget);
  if (!out) return pass_on(out);
  const Rect mcus =
      mcus_around({part.x * shrink, part.y * shrink, part.width * shrink, part.height * shrink});
  const Rect pixels = intersect({mcus.x * scan_.mcu().width, mcus.y * scan_.mcu().height,
                                 mcus.width * scan_.mcu().width, mcus.height * scan_.mcu().height},
                                Rect::of(header_.size));
  const JpegDecoding how{pixels.size(), shrink, header_.component_count, inverted_cmyk};
  const Rect wanted{part.x - pixels.x / shrink, part.y - pixels.y / shrink, part.width,
                    part.height};
  JpegRegionFeed feed(scan_, index_, head_, bytes, mcus, pixels.size(), context.deadline);
  Status status = decode_jpeg(feed, how, wanted, out->pixels(), context.deadline);
  if (!status) return pass_on(status);
  return std::move(*out).written(part.height);
}

}  // namespace iip

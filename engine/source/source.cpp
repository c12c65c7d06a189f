#include "engine/source/source.h"

#include <algorithm>
#include <array>

#include "engine/source/jp2_source.h"
#include "engine/source/jpeg_source.h"
#include "engine/source/png_source.h"
#include "engine/source/tiff_source.h"

namespace iip {

namespace {

constexpr std::size_t kHeadBytes = 12;

}  // namespace

Result<std::optional<StoredJpegTile>> Source::stored_jpeg_tile(const ReadContext&, std::size_t,
                                                               std::int64_t) const {
  return std::nullopt;
}

// For those that know their pixels by what is asked for.
Effort Source::effort(std::size_t, const Rect& rect) const {
  return {1, static_cast<std::uint64_t>(rect.size().area()) * info_.format.pixel_bytes()};
}

Result<std::shared_ptr<const Source>> Source::open_page(const OpenContext& context) const {
  return open_source(context);
}

Result<std::shared_ptr<const Source>> open_source(const OpenContext& context) {
  const File& file = context.file;
  std::array<std::uint8_t, kHeadBytes> bytes{};
  const std::size_t length =
      static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kHeadBytes));
  Status status = file.read_at(0, std::span(bytes).first(length));
  if (!status) return pass_on(status);
  const ByteSpan head(bytes.data(), length);

  if (is_tiff(head)) return TiffSource::open(context);
  if (context.limits.page != 0) {
    return fail(ErrorKind::not_found, "The image has no such page",
                "page " + std::to_string(context.limits.page) + " of a file that has one picture");
  }
  if (is_jpeg(head)) return JpegSource::open(context);
  if (is_png(head)) return PngSource::open(context);
  if (is_jpeg2000(head)) return Jp2Source::open(context);
  return fail(ErrorKind::not_found, "Not an image", "the file begins like no known type of image");
}

}  // namespace iip

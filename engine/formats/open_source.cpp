#include "engine/formats/open_source.h"

#include <algorithm>
#include <array>

#include "engine/formats/jpeg/source.h"
#include "engine/formats/jpeg2000/source.h"
#include "engine/formats/png/source.h"
#include "engine/formats/tiff/source.h"

namespace iip {

namespace {

constexpr std::size_t kHeadBytes = 12;

}  // namespace

Result<std::shared_ptr<const Source>> open_source(const OpenContext& context) {
  const File& file = context.file;
  std::array<std::uint8_t, kHeadBytes> bytes{};
  const std::size_t length =
      static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kHeadBytes));
  Status status = file.read_at(0, std::span(bytes).first(length));
  if (!status) return pass_on(status);
  const ByteSpan head(bytes.data(), length);

  if (is_tiff(head)) return TiffSource::open(context);
  if (context.limits.page != 0) return no_such_page(context.limits.page);
  if (is_jpeg(head)) return JpegSource::open(context);
  if (is_png(head)) return PngSource::open(context);
  if (is_jpeg2000(head)) return Jp2Source::open(context);
  return fail(ErrorKind::not_found, "Not an image", "the file begins like no known type of image");
}

}  // namespace iip

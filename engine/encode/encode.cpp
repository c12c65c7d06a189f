#include "engine/encode/encode.h"

namespace iip {

Result<Bytes> encode(const Raster& raster, const Encoding& encoding, const PictureExtras& extras) {
  switch (encoding.format) {
    case Format::jpeg:
      return encode_jpeg(raster, encoding.quality, extras);
    case Format::png:
      return encode_png(raster, encoding.quality, extras);
    default:
      return fail(ErrorKind::unsupported, "The format is not served");
  }
}

}  // namespace iip

#include "engine/formats/encode_raster.h"

#include <sys/mman.h>

#include "engine/formats/avif/encoder.h"
#include "engine/formats/jpeg/encoder.h"
#include "engine/formats/png/encoder.h"
#include "engine/formats/tiff/encoder.h"
#include "engine/formats/webp/encoder.h"

namespace iip {

namespace {

// For each pixel, as measured: what the encoder works with, and what it writes. Noise may take a
// little more.
std::uint64_t bytes_a_pixel(const PixelFormat& format, const Encoding& encoding) {
  const auto pixel = static_cast<std::uint64_t>(format.pixel_bytes());
  const bool lossless = encoding.quality < 0;
  switch (encoding.format) {
    case Format::jpeg:
      return encoding.optimise ? pixel + 1 : 1;  // optimising takes all coefficients
    case Format::webp:
      return lossless ? pixel + 15 : 8;
    case Format::avif:
      return lossless ? pixel + 35 : encoding.avif_codec == AvifCodec::svt ? 70 : 24;
    default:
      return pixel;
  }
}

// What libavif and a codec take for the smallest picture.
constexpr std::uint64_t kLeastAvifBytes = std::uint64_t{16} << 20U;

// libavif and its codecs end the process where the system gives them no memory. So it is asked
// first whether it would. Nothing is touched: that costs a few microseconds.
bool system_has(std::uint64_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  ::munmap(memory, bytes);
  return true;
}

Result<Bytes> dispatch(const Raster& raster, const Encoding& encoding, const PictureExtras& extras,
                       const Deadline& deadline) {
  switch (encoding.format) {
    case Format::jpeg:
      return encode_jpeg(raster, encoding.quality, extras, encoding.optimise, deadline);
    case Format::png:
      return encode_png(raster, encoding.quality, extras, deadline);
    case Format::webp:
      return encode_webp(raster, encoding.quality, extras, deadline);
    case Format::avif:
      return encode_avif(raster, encoding.quality, encoding.avif_codec, extras);
    case Format::tiff:
      return encode_tiff(raster, encoding.tiff_scheme, encoding.quality, extras, deadline);
  }
  return fail(ErrorKind::internal, "The picture can not be encoded", "a format of no name");
}

}  // namespace

std::uint64_t encoder_bytes(const Size& size, const PixelFormat& format, const Encoding& encoding) {
  return static_cast<std::uint64_t>(size.area()) * bytes_a_pixel(format, encoding);
}

Result<Bytes> encode(const Raster& raster, const Encoding& encoding, const PictureExtras& extras,
                     const Allowance& allowance) {
  const std::uint64_t bytes = encoder_bytes(raster.size(), raster.format(), encoding);
  if (auto in_time = allowance.deadline.check(); !in_time) return pass_on(in_time);
  const auto working = allowance.budget.reserve(bytes);
  if (!working) return tl::unexpected(working.error());
  if (encoding.format == Format::avif && !system_has(bytes + kLeastAvifBytes)) {
    return fail(ErrorKind::busy, "The server is busy; try again shortly",
                "the system has no memory for an AVIF picture");
  }
  return dispatch(raster, encoding, extras, allowance.deadline);
}

}  // namespace iip

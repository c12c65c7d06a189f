#include "engine/formats/tiff/encoder.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/base/checkpoint.h"
#include "engine/base/no_memory.h"
#include "engine/formats/tiff/tags.h"
#include "engine/formats/tiff/writer.h"

namespace iip {

namespace {

constexpr std::int64_t kTileSide = 256;
// From which side on a picture is tiled, so that a part of it can be read.
constexpr std::int64_t kTiledFrom = 2048;
// A strip has about so many bytes, and a number of rows that MCUs of JPEG fill.
constexpr std::size_t kStripBytes = std::size_t{128} << 10U;
constexpr std::int64_t kRowsOfMcu = 16;
// What a classic TIFF, with offsets of 32 bits, may hold before compression.
constexpr std::uint64_t kMostClassic = 0xF000'0000;

bool is_float(const PixelFormat& format) { return format.type == SampleType::f32; }

TiffScheme able_scheme(TiffScheme scheme, const PixelFormat& format) {
  const bool grey = format.model == ColourModel::grey;
  const bool bytes = format.type == SampleType::u8 && format.extra == 0;
  const bool able = scheme == TiffScheme::jpeg   ? bytes && !format.alpha
                    : scheme == TiffScheme::webp ? bytes && !grey
                                                 : true;
  return able ? scheme : TiffScheme::deflate;
}

std::uint16_t compression_of(TiffScheme scheme) {
  switch (scheme) {
    case TiffScheme::none:
      return COMPRESSION_NONE;
    case TiffScheme::lzw:
      return COMPRESSION_LZW;
    case TiffScheme::jpeg:
      return COMPRESSION_JPEG;
    case TiffScheme::webp:
      return COMPRESSION_WEBP;
    case TiffScheme::zstd:
      return COMPRESSION_ZSTD;
    default:
      return COMPRESSION_ADOBE_DEFLATE;
  }
}

bool has_predictor(TiffScheme scheme) {
  return scheme == TiffScheme::lzw || scheme == TiffScheme::deflate || scheme == TiffScheme::zstd;
}

std::uint16_t photometric_of(TiffScheme scheme, const PixelFormat& format) {
  if (format.model == ColourModel::grey) return PHOTOMETRIC_MINISBLACK;
  return scheme == TiffScheme::jpeg ? PHOTOMETRIC_YCBCR : PHOTOMETRIC_RGB;
}

void set_compression(TiffWriter& writer, TiffScheme scheme, int quality,
                     const PixelFormat& format) {
  writer.set(TIFFTAG_COMPRESSION, compression_of(scheme));
  writer.set(TIFFTAG_PHOTOMETRIC, photometric_of(scheme, format));
  if (has_predictor(scheme)) {
    writer.set(TIFFTAG_PREDICTOR,
               is_float(format) ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  }
  switch (scheme) {
    case TiffScheme::deflate:
      writer.set(TIFFTAG_ZIPQUALITY, std::clamp(quality, 0, 9));
      break;
    case TiffScheme::zstd:
      writer.set(TIFFTAG_ZSTD_LEVEL, std::clamp(quality, 1, 19));
      break;
    case TiffScheme::webp:
      writer.set(TIFFTAG_WEBP_LEVEL, std::clamp(quality, 1, 100));
      break;
    case TiffScheme::jpeg:
      writer.set(TIFFTAG_JPEGQUALITY, std::clamp(quality, 1, 100));
      if (format.model == ColourModel::rgb) {
        writer.set(TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
        writer.set(TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);  // libtiff converts
      }
      break;
    default:
      break;
  }
}

void set_samples(TiffWriter& writer, const Raster& raster) {
  const PixelFormat& format = raster.format();
  const int bits = 8 * static_cast<int>(bytes_of(format.type));
  writer.set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(raster.size().width));
  writer.set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(raster.size().height));
  writer.set(TIFFTAG_BITSPERSAMPLE, bits);
  writer.set(TIFFTAG_SAMPLESPERPIXEL, raster.channels());
  writer.set(TIFFTAG_SAMPLEFORMAT, is_float(format) ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  writer.set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  writer.set(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  std::vector<std::uint16_t> extra(static_cast<std::size_t>(format.extra), EXTRASAMPLE_UNSPECIFIED);
  if (format.alpha) extra.push_back(EXTRASAMPLE_UNASSALPHA);
  if (!extra.empty()) {
    writer.set(TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
  }
}

// The samples of `rect`, row after row, without padding; what lies beyond the raster repeats its
// last pixels.
void copy_samples(const Raster& raster, const Rect& rect, ByteVector& out) {
  const std::size_t pixel = raster.format().pixel_bytes();
  const auto inside =
      static_cast<std::size_t>(std::min(rect.right(), raster.size().width) - rect.x);
  const std::size_t row_bytes = static_cast<std::size_t>(rect.width) * pixel;
  for (std::int64_t i = 0; i < rect.height; ++i) {
    const std::int64_t y = std::min(rect.y + i, raster.size().height - 1);
    std::uint8_t* to = out.data() + static_cast<std::size_t>(i) * row_bytes;
    std::memcpy(to, raster.row(y) + static_cast<std::size_t>(rect.x) * pixel, inside * pixel);
    for (std::size_t x = inside; x < static_cast<std::size_t>(rect.width); ++x) {
      std::memcpy(to + x * pixel, to + (inside - 1) * pixel, pixel);
    }
  }
}

Status write_strips(TiffWriter& writer, const Raster& raster, Checkpoint& checkpoint) {
  const auto fitting = static_cast<std::int64_t>(kStripBytes / raster.row_bytes());
  const std::int64_t rows = std::max(fitting / kRowsOfMcu, std::int64_t{1}) * kRowsOfMcu;
  writer.set(TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(rows));
  ByteVector samples;
  std::uint32_t index = 0;
  for (std::int64_t y = 0; y < raster.size().height; y += rows) {
    const std::int64_t count = std::min(rows, raster.size().height - y);
    samples.resize(static_cast<std::size_t>(count) * raster.row_bytes());
    copy_samples(raster, {0, y, raster.size().width, count}, samples);
    writer.write_strip(index++, samples);
    const std::uint64_t done = samples.size() * Checkpoint::kSlow;
    if (auto in_time = checkpoint.pass(done); !in_time) return in_time;
  }
  return {};
}

Status write_tiles(TiffWriter& writer, const Raster& raster, Checkpoint& checkpoint) {
  writer.set(TIFFTAG_TILEWIDTH, static_cast<std::uint32_t>(kTileSide));
  writer.set(TIFFTAG_TILELENGTH, static_cast<std::uint32_t>(kTileSide));
  ByteVector samples(static_cast<std::size_t>(kTileSide * kTileSide) *
                     raster.format().pixel_bytes());
  std::uint32_t index = 0;
  for (std::int64_t y = 0; y < raster.size().height; y += kTileSide) {
    for (std::int64_t x = 0; x < raster.size().width; x += kTileSide) {
      copy_samples(raster, {x, y, kTileSide, kTileSide}, samples);
      writer.write_tile(index++, samples);
      const std::uint64_t done = samples.size() * Checkpoint::kSlow;
      if (auto in_time = checkpoint.pass(done); !in_time) return in_time;
    }
  }
  return {};
}

Status check(const PixelFormat& format, TiffScheme scheme) {
  const bool colours = format.model == ColourModel::grey || format.model == ColourModel::rgb;
  if (!colours || format.type == SampleType::u32) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                "encode_tiff: neither grey nor RGB of 8 or 16 bits or float");
  }
  if (TIFFIsCODECConfigured(compression_of(scheme)) != 1) {
    return fail(ErrorKind::unsupported, "This compression of TIFF is not served here",
                "libtiff was built without compression " + std::to_string(compression_of(scheme)));
  }
  return {};
}

}  // namespace

Result<Bytes> encode_tiff(const Raster& raster, TiffScheme wanted, int quality,
                          const PictureExtras& extras, const Deadline& deadline) {
  const PixelFormat& format = raster.format();
  const TiffScheme scheme = able_scheme(wanted, format);
  if (scheme != wanted) quality = usual_quality(scheme);
  if (auto checked = check(format, scheme); !checked) return pass_on(checked);
  const bool tiled = std::max(raster.size().width, raster.size().height) > kTiledFrom;
  const std::uint64_t samples =
      raster.row_bytes() * static_cast<std::uint64_t>(raster.size().height);
  TiffWriter writer(samples > kMostClassic);
  if (!writer.is_open()) {
    return no_memory("libtiff");
  }
  set_samples(writer, raster);
  set_compression(writer, scheme, quality, format);
  set_tiff_tags(writer, extras, format.model);
  Checkpoint checkpoint(deadline);
  auto written =
      tiled ? write_tiles(writer, raster, checkpoint) : write_strips(writer, raster, checkpoint);
  if (!written) return pass_on(written);
  add_exif_directories(writer, extras.metadata);
  auto bytes = writer.finish();
  if (!bytes) return pass_on(bytes);
  return Bytes(std::move(*bytes));
}

}  // namespace iip

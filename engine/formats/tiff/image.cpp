#include "engine/formats/tiff/image.h"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "engine/base/checked.h"
#include "engine/formats/tiff/depth.h"

namespace iip {

namespace {

constexpr std::uint64_t kMostDecodedBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostTableBytes = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostSamples = 32;
constexpr std::uint64_t kLongestSide = std::numeric_limits<std::int32_t>::max();

tl::unexpected<Error> not_served(std::string what) {
  std::string detail = "TIFF: " + what;
  return fail(ErrorKind::unsupported, std::move(what), std::move(detail));
}

bool is_side(std::uint64_t value) { return value >= 1 && value <= kLongestSide; }

Size size_of(std::uint64_t width, std::uint64_t height) {
  return {static_cast<std::int64_t>(width), static_cast<std::int64_t>(height)};
}

Status read_geometry(const TiffDirectory& directory, TiffImage& image) {
  const std::uint64_t width = directory.integer_or(TiffTag::image_width, 0);
  const std::uint64_t height = directory.integer_or(TiffTag::image_length, 0);
  if (!is_side(width) || !is_side(height)) {
    return damaged("TIFF: size " + std::to_string(width) + "x" + std::to_string(height));
  }
  image.size = size_of(width, height);
  image.tiled = directory.has(TiffTag::tile_width) || directory.has(TiffTag::tile_length);
  if (!image.tiled) {
    const std::uint64_t rows = directory.integer_or(TiffTag::rows_per_strip, height);
    if (rows == 0) return damaged("TIFF: strips of no rows");
    image.block = size_of(width, std::min(rows, height));
    return {};
  }
  const std::uint64_t tile_width = directory.integer_or(TiffTag::tile_width, 0);
  const std::uint64_t tile_height = directory.integer_or(TiffTag::tile_length, 0);
  if (!is_side(tile_width) || !is_side(tile_height)) {
    return damaged("TIFF: tiles of " + std::to_string(tile_width) + "x" +
                   std::to_string(tile_height));
  }
  image.block = size_of(tile_width, tile_height);
  return {};
}

constexpr std::uint64_t kOldJpeg = 6;

constexpr std::array kServedCodecs{
    TiffCompression::none,        TiffCompression::fax_runs,     TiffCompression::fax_group_3,
    TiffCompression::fax_group_4, TiffCompression::lzw,          TiffCompression::jpeg,
    TiffCompression::deflate,     TiffCompression::next,         TiffCompression::fax_word_runs,
    TiffCompression::packbits,    TiffCompression::thunder_scan, TiffCompression::pixar_log,
    TiffCompression::deflate_old, TiffCompression::jbig,         TiffCompression::sgi_log,
    TiffCompression::sgi_log_24,  TiffCompression::lerc,         TiffCompression::lzma,
    TiffCompression::zstd,        TiffCompression::webp};

bool is_old_jpeg(const TiffDirectory& directory) {
  return directory.integer_or(TiffTag::compression, 1) == kOldJpeg;
}

Status read_compression(const TiffDirectory& directory, TiffImage& image) {
  std::uint64_t number = directory.integer_or(TiffTag::compression, 1);
  if (number == kOldJpeg) number = static_cast<std::uint64_t>(TiffCompression::jpeg);
  if (number == 33003 || number == 33005 || number == 34712) {
    return not_served("TIFF with JPEG 2000 compression is not served by this version");
  }
  if (std::find(kServedCodecs.begin(), kServedCodecs.end(), static_cast<TiffCompression>(number)) ==
      kServedCodecs.end()) {
    return not_served("TIFF compression " + std::to_string(number) +
                      " is not served by this version");
  }
  const auto scheme = static_cast<std::uint16_t>(number);
  if (TIFFIsCODECConfigured(scheme) != 1) {
    return not_served("TIFF compression " + std::to_string(number) +
                      " is not available in this server's libtiff");
  }
  image.compression = static_cast<TiffCompression>(scheme);
  if (image.compression == TiffCompression::jpeg && !is_old_jpeg(directory)) {
    image.jpeg_tables = Bytes(directory.bytes(TiffTag::jpeg_tables, kMostTableBytes));
    if (image.jpeg_tables.empty() && directory.has(TiffTag::jpeg_tables)) {
      return damaged("TIFF: the JPEG tables are unreadable");
    }
  }
  if (image.compression == TiffCompression::lerc) {
    image.lerc_parameters = directory.integers(TiffTag::lerc_parameters, 8);
  }
  const TiffTag options = image.compression == TiffCompression::fax_group_3
                              ? TiffTag::group3_options
                              : TiffTag::group4_options;
  image.fax_options = static_cast<std::uint32_t>(directory.integer_or(options, 0) & 7U);
  return {};
}

Status read_photometric(const TiffDirectory& directory, std::uint64_t samples, TiffImage& image) {
  std::uint64_t number = directory.integer_or(TiffTag::photometric, samples >= 3 ? 2 : 1);
  // Old-style JPEG is YCbCr, also where writers call it RGB or say nothing.
  if (is_old_jpeg(directory) && number == 2) number = 6;
  switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 5:
    case 6:
    case 8:
    case 9:
    case 10:
    case 32844:
    case 32845:
      image.photometric = static_cast<TiffPhotometric>(number);
      return {};
    case 4:
      return not_served("TIFF transparency masks are not images");
    default:
      return not_served("TIFF colour space " + std::to_string(number) +
                        " is not served by this version");
  }
}

Status read_samples(const TiffDirectory& directory, TiffImage& image) {
  // Some writers leave out the count of a colour image.
  const std::uint64_t photometric =
      directory.integer_or(TiffTag::photometric, is_old_jpeg(directory) ? 6 : 1);
  const std::uint64_t samples = directory.integer_or(TiffTag::samples_per_pixel,
                                                     photometric == 2 || photometric == 6 ? 3 : 1);
  if (samples == 0) return damaged("TIFF: no samples");
  if (samples > kMostSamples) {
    return not_served("Images of " + std::to_string(samples) +
                      " channels are not served by this version");
  }
  image.samples = static_cast<int>(samples);
  const std::uint64_t planar = directory.integer_or(TiffTag::planar_config, 1);
  if (planar != 1 && planar != 2) return damaged("TIFF: planar configuration");
  image.separate = planar == 2 && samples > 1;
  image.reversed_bits = directory.integer_or(TiffTag::fill_order, 1) == 2;
  image.big_endian = directory.encoding().big_endian;

  if (Status status = read_photometric(directory, samples, image); !status) return status;
  return read_tiff_depth(directory, image);
}

Status read_chroma(const TiffDirectory& directory, TiffImage& image) {
  if (image.photometric != TiffPhotometric::ycbcr) return {};
  if (image.samples != 3) {
    return not_served("YCbCr images with extra channels are not served by this version");
  }
  const std::vector<std::uint64_t> factors = directory.integers(TiffTag::ycbcr_subsampling, 2);
  const auto is_factor = [](std::uint64_t f) { return f == 1 || f == 2 || f == 4; };
  if (!std::all_of(factors.begin(), factors.end(), is_factor)) {
    return damaged("TIFF: chroma subsampling");
  }
  image.chroma = factors.size() == 2 ? size_of(factors[0], factors[1]) : Size{2, 2};
  if (image.separate && image.chroma != Size{1, 1}) {
    return not_served("Subsampled YCbCr in separate planes is not served by this version");
  }
  return {};
}

Status read_old_jpeg(const TiffDirectory& directory, TiffImage& image) {
  if (!is_old_jpeg(directory)) return {};
  Result<TiffOldJpeg> old_jpeg =
      TiffOldJpeg::read(directory, {image.samples, image.separate, image.chroma});
  if (!old_jpeg) return pass_on(old_jpeg);
  image.jpeg_tables = old_jpeg->tables();
  image.old_jpeg = std::move(*old_jpeg);
  return {};
}

Status read_blocks(const TiffDirectory& directory, TiffImage& image) {
  // Some writers put the tiles under the tags of strips.
  const auto either = [&](TiffTag tag, TiffTag other) {
    std::optional<TiffArray> array = directory.array(tag);
    return array ? array : directory.array(other);
  };
  std::optional<TiffArray> offsets = image.tiled
                                         ? either(TiffTag::tile_offsets, TiffTag::strip_offsets)
                                         : directory.array(TiffTag::strip_offsets);
  std::optional<TiffArray> counts =
      image.tiled ? either(TiffTag::tile_byte_counts, TiffTag::strip_byte_counts)
                  : directory.array(TiffTag::strip_byte_counts);
  if (!counts && image.compression == TiffCompression::none) counts = TiffArray{};
  // Some files of old-style JPEG state only where their one JPEG stream lies.
  if (!offsets && image.old_jpeg && image.blocks_per_plane() == 1) {
    offsets = directory.array(TiffTag::jpeg_if_offset);
    counts = directory.array(TiffTag::jpeg_if_byte_count);
  }
  if (!offsets || !counts) return damaged("TIFF: the places of the blocks are not in the file");

  const std::uint64_t planes = image.separate ? static_cast<std::uint64_t>(image.samples) : 1;
  const auto needed = static_cast<std::uint64_t>(image.blocks_per_plane());
  if (needed > offsets->count() / planes ||
      (counts->count() != 0 && needed > counts->count() / planes)) {
    return damaged("TIFF: places of " + std::to_string(offsets->count()) + " blocks, where " +
                   std::to_string(needed) + " are needed in each of " + std::to_string(planes) +
                   " planes");
  }
  image.offsets = std::move(*offsets);
  image.byte_counts = std::move(*counts);
  return {};
}

// Rows of an uncompressed block can be read one by one; any other block is decoded whole.
Status check_cost(const TiffImage& image) {
  const bool whole =
      image.compression != TiffCompression::none || image.is_subsampled() || image.reversed_bits;
  if (!whole) return {};
  if (image.decoded_bytes(image.block.height) > kMostDecodedBytes) {
    return fail(ErrorKind::too_large, "The image is stored in pieces too large to be served",
                "TIFF: blocks of " + std::to_string(image.block.width) + "x" +
                    std::to_string(image.block.height) + " pixels; at most " +
                    std::to_string(kMostDecodedBytes) + " bytes are decoded at a time");
  }
  return {};
}

}  // namespace

std::int64_t TiffImage::block_rows(std::int64_t row) const {
  return tiled ? block.height : std::min(block.height, size.height - row * block.height);
}

bool TiffImage::decodes_to_rgb() const {
  return compression == TiffCompression::jpeg && photometric == TiffPhotometric::ycbcr && !separate;
}

std::uint64_t TiffImage::decoded_bytes(std::int64_t rows) const {
  std::uint64_t row_bytes = 0;
  if (is_subsampled()) {
    const std::int64_t units = ceil_div(block.width, chroma.width);
    row_bytes = static_cast<std::uint64_t>(units * (chroma.area() + 2));
    rows = ceil_div(rows, chroma.height);
  } else {
    const std::int64_t row_samples = block.width * (separate ? 1 : samples);
    row_bytes = static_cast<std::uint64_t>(ceil_div(row_samples * sample.bits, 8));
  }
  return saturated_mul(row_bytes, static_cast<std::uint64_t>(rows));
}

Result<TiffImage> read_tiff_image(const TiffDirectory& directory, TiffSampleFormat::Kind unstated) {
  TiffImage image;
  image.sample.kind = unstated;
  image.subfile_type = directory.integer_or(TiffTag::subfile_type, 0);
  for (const auto part :
       {read_geometry, read_compression, read_samples, read_chroma, read_old_jpeg, read_blocks}) {
    Status status = part(directory, image);
    if (!status) return pass_on(status);
  }
  Status status = check_cost(image);
  if (!status) return pass_on(status);
  return image;
}

}  // namespace iip

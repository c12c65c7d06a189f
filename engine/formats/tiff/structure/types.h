// The words of TIFF: byte order and width, the types of fields, the names of tags.
//
// Sources: TIFF 6.0, section 2; Technical Note 1 (IFD); the BigTIFF design (LONG8, SLONG8, IFD8).
// Names of tags are those of libtiff's tiff.h. Value types, no state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.h"

namespace iip {

// How numbers lie in a file or block.
struct TiffEncoding {
  bool big_endian = false;
  bool big_tiff = false;

  // Bytes of an offset, and of the count of an entry's values.
  std::size_t offset_bytes() const { return big_tiff ? 8 : 4; }
  // Bytes of the count of a directory's entries.
  std::size_t entry_count_bytes() const { return big_tiff ? 8 : 2; }
  // Bytes of an entry: tag and type, the count of its values, and the values or where they lie.
  std::size_t entry_bytes() const { return 4 + 2 * offset_bytes(); }

  friend bool operator==(const TiffEncoding&, const TiffEncoding&) = default;
};

enum class TiffType : std::uint16_t {
  uint8 = 1,  // BYTE
  ascii = 2,
  uint16 = 3,    // SHORT
  uint32 = 4,    // LONG
  rational = 5,  // two LONGs
  sint8 = 6,     // SBYTE
  undefined = 7,
  sint16 = 8,      // SSHORT
  sint32 = 9,      // SLONG
  srational = 10,  // two SLONGs
  float32 = 11,    // FLOAT
  float64 = 12,    // DOUBLE
  ifd = 13,
  uint64 = 16,  // LONG8
  sint64 = 17,  // SLONG8
  ifd8 = 18,
};

// Bytes of one value; 0 for a type that does not exist.
constexpr std::size_t bytes_of(TiffType type) {
  switch (type) {
    case TiffType::uint8:
    case TiffType::ascii:
    case TiffType::sint8:
    case TiffType::undefined:
      return 1;
    case TiffType::uint16:
    case TiffType::sint16:
      return 2;
    case TiffType::uint32:
    case TiffType::sint32:
    case TiffType::float32:
    case TiffType::ifd:
      return 4;
    case TiffType::rational:
    case TiffType::srational:
    case TiffType::float64:
    case TiffType::uint64:
    case TiffType::sint64:
    case TiffType::ifd8:
      return 8;
    default:
      return 0;
  }
}

// Bytes of the numbers that a value consists of, each in the byte order: a rational has two.
constexpr std::size_t number_bytes_of(TiffType type) {
  return type == TiffType::rational || type == TiffType::srational ? 4 : bytes_of(type);
}

constexpr bool is_unsigned_integer(TiffType type) {
  return type == TiffType::uint8 || type == TiffType::uint16 || type == TiffType::uint32 ||
         type == TiffType::uint64 || type == TiffType::ifd || type == TiffType::ifd8;
}

// Whether TIFF 6.0 itself has the type, and with it Exif.
constexpr bool is_tiff6_type(TiffType type) {
  return type >= TiffType::uint8 && type <= TiffType::float64;
}

// The number of `width` bytes, up to 8, at `at`.
inline std::uint64_t load_tiff_number(const std::uint8_t* at, std::size_t width, bool big_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = value << 8U | at[big_endian ? i : width - 1 - i];
  }
  return value;
}

// The lowest `width` bytes of a number, up to 8.
inline void append_tiff_number(ByteVector& to, std::uint64_t value, std::size_t width,
                               bool big_endian) {
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t place = big_endian ? width - 1 - i : i;
    to.push_back(static_cast<std::uint8_t>(value >> (8 * place) & 255U));
  }
}

enum class TiffTag : std::uint16_t {
  subfile_type = 254,
  image_width = 256,
  image_length = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  fill_order = 266,
  document_name = 269,
  image_description = 270,
  make = 271,
  model = 272,
  strip_offsets = 273,
  orientation = 274,
  samples_per_pixel = 277,
  rows_per_strip = 278,
  strip_byte_counts = 279,
  min_sample_value = 280,
  max_sample_value = 281,
  x_resolution = 282,
  y_resolution = 283,
  planar_config = 284,
  page_name = 285,
  group3_options = 292,
  group4_options = 293,
  resolution_unit = 296,
  software = 305,
  date_time = 306,
  artist = 315,
  predictor = 317,
  white_point = 318,
  color_map = 320,
  tile_width = 322,
  tile_length = 323,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sub_ifd = 330,
  ink_set = 332,
  extra_samples = 338,
  sample_format = 339,
  smin_sample_value = 340,
  smax_sample_value = 341,
  jpeg_tables = 347,
  decode = 433,
  jpeg_proc = 512,
  jpeg_if_offset = 513,
  jpeg_if_byte_count = 514,
  jpeg_restart_interval = 515,
  jpeg_q_tables = 519,
  jpeg_dc_tables = 520,
  jpeg_ac_tables = 521,
  ycbcr_coefficients = 529,
  ycbcr_subsampling = 530,
  reference_black_white = 532,
  xml_packet = 700,
  copyright = 33432,
  rich_tiff_iptc = 33723,
  photoshop = 34377,
  exif_ifd = 34665,
  icc_profile = 34675,
  gps_ifd = 34853,
  stonits = 37439,
  maker_note = 37500,
  interoperability_ifd = 40965,
  lerc_parameters = 50674,
};

}  // namespace iip

// The directories (IFDs) of a TIFF file, classic or BigTIFF, in either byte order.
//
// Read with pread and nothing else, under fixed caps, so that a hostile file costs a bounded amount
// of work: 512 directories in the chain, 32 SubIFDs of any of them, 512 entries each, loops found.
// Values stay in the file until they are asked for. The two arrays that grow with the image (where
// each tile lies, how long it is) are never loaded whole: see TiffArray.
//
// A TiffDirectory refers to the File it was read from and must not outlive it. A tag that is
// absent, of a wrong type or beyond the end of the file reads as "not there".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/result.h"

namespace iip {

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
  lerc_parameters = 50674,
};

// How numbers lie in the file.
struct TiffEncoding {
  bool big_endian = false;
  bool big_tiff = false;
};

struct TiffEntry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  std::uint64_t offset = 0;  // of the first value, which may lie in the entry itself
};

// An array of unsigned integers in the file. Element by element it is fetched when needed, so its
// length costs nothing; short ones are kept in memory. Unlike the directory it may be kept.
class TiffArray {
 public:
  TiffArray() = default;

  std::uint64_t count() const { return count_; }
  // `file` is the file that the array was found in. `index` < count().
  Result<std::uint64_t> at(const File& file, std::uint64_t index) const;
  // `count` of them, from `first` on: there must be as many.
  Result<std::vector<std::uint64_t>> range(const File& file, std::uint64_t first,
                                           std::uint64_t count) const;
  // All of a short one.
  Result<std::vector<std::uint64_t>> all(const File& file) const { return range(file, 0, count_); }
  // The memory that it holds.
  std::uint64_t loaded_bytes() const { return loaded_.size(); }

 private:
  friend class TiffDirectory;
  TiffEncoding encoding_;
  std::uint16_t type_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t offset_ = 0;
  Bytes loaded_;
};

class TiffDirectory {
 public:
  // Reads the entries of the directory at `offset`.
  static Result<TiffDirectory> read(const File& file, TiffEncoding encoding, std::uint64_t offset);

  TiffEncoding encoding() const { return encoding_; }
  std::uint64_t offset() const { return offset_; }
  // Where the next directory of the chain lies; 0 at its end.
  std::uint64_t next() const { return next_; }
  bool has(TiffTag tag) const { return find(tag) != nullptr; }

  // The first value of an unsigned integer tag.
  std::optional<std::uint64_t> integer(TiffTag tag) const;
  std::uint64_t integer_or(TiffTag tag, std::uint64_t fallback) const {
    return integer(tag).value_or(fallback);
  }
  // All values; empty if there are more than `most`.
  std::vector<std::uint64_t> integers(TiffTag tag, std::uint64_t most) const;
  // The values of a tag of any numeric type, rationals included; empty if there are more than
  // `most` or one of them is not finite.
  std::vector<double> numbers(TiffTag tag, std::uint64_t most) const;
  // The bytes of a BYTE, ASCII, UNDEFINED (or, as some writers have it, LONG) value; empty if there
  // are more than `most`.
  ByteVector bytes(TiffTag tag, std::uint64_t most) const;
  // The bytes of the file from `offset` on, for values that are places: `most`, or fewer where the
  // file ends.
  ByteVector bytes_from(std::uint64_t offset, std::uint64_t most) const;
  // An integer array, wholly inside the file.
  std::optional<TiffArray> array(TiffTag tag) const;

  // All that the directory holds, and the bytes of one value as they are in the file; empty if
  // there are more than `most_bytes`.
  const std::vector<TiffEntry>& entries() const { return entries_; }
  ByteVector value(const TiffEntry& entry, std::uint64_t most_bytes) const;

  // The directory that a tag points to.
  std::optional<TiffDirectory> directory(TiffTag tag) const;
  // The SubIFDs. One that can not be read is left out with a line in the log.
  std::vector<TiffDirectory> children(LogSink& log) const;

 private:
  TiffDirectory(const File& file, TiffEncoding encoding) : file_(&file), encoding_(encoding) {}
  const TiffEntry* find(TiffTag tag) const;

  const File* file_;
  TiffEncoding encoding_;
  std::uint64_t offset_ = 0;
  std::uint64_t next_ = 0;
  std::vector<TiffEntry> entries_;
};

// Whether the first bytes of a file are those of a TIFF file.
bool is_tiff(ByteSpan head);

// The chain of directories: at least one. Errors: corrupt, if there is no readable first directory.
// A later directory that can not be read ends the chain with a line in the log.
Result<std::vector<TiffDirectory>> read_tiff_chain(const File& file, LogSink& log);

}  // namespace iip

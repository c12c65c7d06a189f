// One directory of a TIFF file taken as an image: how large it is, how its samples are coded and
// where its tiles lie, all checked.
//
// "Block" is what the file stores at a time: a tile, or for an untiled image a strip, which is
// treated as a tile as wide as the image. Blocks are numbered row-major; where each channel is
// stored on its own (`separate`), all blocks of the first channel come before those of the second.
// A value type; the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/tiff/old_jpeg.h"
#include "engine/formats/tiff/samples.h"
#include "engine/formats/tiff/structure/directory.h"
#include "engine/image/geometry.h"

namespace iip {

// The codecs that are served, by their number in the file. Old-style JPEG (6) is read as `jpeg`.
enum class TiffCompression : std::uint16_t {
  none = 1,
  fax_runs = 2,
  fax_group_3 = 3,
  fax_group_4 = 4,
  lzw = 5,
  jpeg = 7,
  deflate = 8,
  next = 32766,
  fax_word_runs = 32771,
  packbits = 32773,
  thunder_scan = 32809,
  pixar_log = 32909,
  deflate_old = 32946,
  jbig = 34661,
  sgi_log = 34676,
  sgi_log_24 = 34677,
  lerc = 34887,
  lzma = 34925,
  zstd = 50000,
  webp = 50001,
};

enum class TiffPhotometric : std::uint16_t {
  min_is_white = 0,
  min_is_black = 1,
  rgb = 2,
  palette = 3,
  inks = 5,
  ycbcr = 6,
  cielab = 8,
  icc_lab = 9,
  itu_lab = 10,
  log_luminance = 32844,
  log_luv = 32845,
};

struct TiffImage {
  Size size;
  Size block;
  bool tiled = true;
  std::uint64_t subfile_type = 0;

  TiffCompression compression = TiffCompression::none;
  TiffPhotometric photometric = TiffPhotometric::min_is_black;
  int samples = 1;
  TiffSampleFormat sample;  // as the codec hands them out
  bool big_endian = false;
  bool separate = false;
  bool reversed_bits = false;     // FillOrder 2
  int predictor = 1;              // 2: horizontal differencing; 3: the same of floats
  std::uint32_t fax_options = 0;  // T4Options or T6Options, whichever the codec has
  Size chroma{1, 1};              // luma samples per chroma sample, along each axis
  Bytes jpeg_tables;
  std::optional<TiffOldJpeg> old_jpeg;  // for blocks that are no JPEG streams by themselves
  std::vector<std::uint64_t> lerc_parameters;

  TiffArray offsets;
  TiffArray byte_counts;  // empty where the file has none: uncompressed blocks

  std::int64_t blocks_across() const { return ceil_div(size.width, block.width); }
  std::int64_t blocks_down() const { return ceil_div(size.height, block.height); }
  std::int64_t blocks_per_plane() const { return blocks_across() * blocks_down(); }
  // Rows stored in block row `row`: the last strip ends with the image, tiles are always whole.
  std::int64_t block_rows(std::int64_t row) const;
  // The codec hands out RGB, whatever the file holds.
  bool decodes_to_rgb() const;
  // Chroma is stored at a lower resolution, in the data units of TIFF 6.0 section 21, also after
  // decoding.
  bool is_subsampled() const { return chroma != Size{1, 1} && !decodes_to_rgb(); }
  // Bytes of `rows` rows of a decoded block, each of whole bytes; of one channel, where they are
  // separate. The largest number there is, for blocks that no check_cost() has seen.
  std::uint64_t decoded_bytes(std::int64_t rows) const;
};

// Errors: corrupt; unsupported, with the reason; too_large, for blocks that cost too much to
// decode. `unstated` is what samples are where the directory does not say it.
Result<TiffImage> read_tiff_image(
    const TiffDirectory& directory,
    TiffSampleFormat::Kind unstated = TiffSampleFormat::Kind::unsigned_integer);

}  // namespace iip

#include "engine/formats/jpeg/decoder.h"

#include <cstring>

#include "engine/formats/jpeg/library.h"

namespace iip {

namespace {

std::uint8_t product(unsigned a, unsigned b) {
  return static_cast<std::uint8_t>((a * b + 127) / 255);
}

void convert_cmyk(const std::uint8_t* in, std::int64_t pixels, bool is_inverted,
                  std::uint8_t* out) {
  const unsigned flip = is_inverted ? 0 : 255;
  for (std::int64_t x = 0; x < pixels; ++x, in += 4, out += 3) {
    const unsigned black = in[3] ^ flip;
    for (int c = 0; c < 3; ++c) out[c] = product(in[c] ^ flip, black);
  }
}

void set_parameters(jpeg_decompress_struct& decompress, const JpegDecoding& how) {
  decompress.scale_num = 8 / static_cast<unsigned>(how.shrink);
  decompress.scale_denom = 8;
  decompress.out_color_space = how.components == 1   ? JCS_GRAYSCALE
                               : how.components == 3 ? JCS_RGB
                                                     : JCS_CMYK;
  decompress.dct_method = JDCT_ISLOW;
  decompress.do_fancy_upsampling = TRUE;
}

void read_lines(jpeg_decompress_struct& decompress, const JpegDecoding& how, const Rect& part,
                std::uint8_t* line, Raster& out) {
  const auto samples = static_cast<std::size_t>(how.components);
  const std::uint8_t* wanted = line + static_cast<std::size_t>(part.x) * samples;
  for (std::int64_t y = 0; y < part.bottom(); ++y) {
    JSAMPROW row = line;
    jpeg_read_scanlines(&decompress, &row, 1);
    if (y < part.y) continue;
    std::uint8_t* to = out.row(y - part.y);
    if (how.components == 4) {
      convert_cmyk(wanted, part.width, how.is_inverted, to);
    } else {
      std::memcpy(to, wanted, static_cast<std::size_t>(part.width) * samples);
    }
  }
}

enum class Outcome : std::uint8_t { done, failed, other_size };

Outcome run(JpegLibrary& library, jpeg_decompress_struct& decompress, const JpegDecoding& how,
            const Rect& part, std::uint8_t* line, Raster& out) noexcept {
  if (setjmp(library.escape()) != 0) return Outcome::failed;
  jpeg_create_decompress(&decompress);
  library.attach(decompress);
  jpeg_read_header(&decompress, TRUE);
  set_parameters(decompress, how);
  jpeg_start_decompress(&decompress);
  if (decompress.output_width != ceil_div(how.size.width, how.shrink) ||
      decompress.output_height != ceil_div(how.size.height, how.shrink) ||
      decompress.output_components != how.components) {
    return Outcome::other_size;
  }
  read_lines(decompress, how, part, line, out);
  return Outcome::done;
}

}  // namespace

Status decode_jpeg(ByteFeed& feed, const JpegDecoding& how, const Rect& part, Raster& out,
                   const Deadline& deadline) {
  const std::int64_t width = ceil_div(how.size.width, how.shrink);
  ByteVector line(static_cast<std::size_t>(width * how.components));
  JpegLibrary library(feed, deadline);
  jpeg_decompress_struct decompress{};
  decompress.err = library.errors();
  decompress.client_data = &library;
  const Outcome outcome = run(library, decompress, how, part, line.data(), out);
  jpeg_destroy_decompress(&decompress);
  if (outcome == Outcome::done) return {};
  if (outcome == Outcome::failed) return library.failure();
  return damaged("JPEG: libjpeg sees another size or colour space");
}

}  // namespace iip

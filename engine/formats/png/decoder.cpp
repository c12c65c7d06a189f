// libpng leaves by longjmp on errors. Between setjmp and longjmp there is nothing to destroy; the
// callbacks are noexcept.
#include "engine/formats/png/decoder.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <optional>
#include <string>

#include "engine/base/no_memory.h"

namespace iip {

namespace {

struct Job {
  ByteFeed* feed;
  ByteSpan rest;
  std::optional<Error> error;
  bool has_no_memory = false;
  std::array<char, 128> message{};
};

void leave(png_structp png, png_const_charp message) noexcept {
  Job& job = *static_cast<Job*>(png_get_error_ptr(png));
  std::snprintf(job.message.data(), job.message.size(), "%s", message);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) noexcept {}

// False at the end, or where the feed failed.
bool take_next(Job& job) noexcept {
  try {
    Result<ByteSpan> piece = job.feed->next();
    if (piece) {
      job.rest = *piece;
      return !job.rest.empty();
    }
    job.error = std::move(piece.error());
  } catch (const std::exception&) {
    job.has_no_memory = true;
  }
  return false;
}

void read_bytes(png_structp png, png_bytep out, std::size_t size) noexcept {
  Job& job = *static_cast<Job*>(png_get_io_ptr(png));
  while (size > 0) {
    if (job.rest.empty() && !take_next(job)) png_error(png, "the file is cut short");
    const std::size_t count = std::min(size, job.rest.size());
    std::memcpy(out, job.rest.data(), count);
    job.rest = job.rest.subspan(count);
    out += count;
    size -= count;
  }
}

// A libpng reader and its memory.
class Reader {
 public:
  explicit Reader(ByteFeed& feed) : job_{&feed, {}, {}, false, {}} {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job_, leave, ignore_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  png_structp png() const { return png_; }
  png_infop info() const { return info_; }
  Job& job() { return job_; }
  bool is_ready() const { return info_ != nullptr; }

  tl::unexpected<Error> failure() const {
    if (job_.error) return tl::unexpected<Error>(*job_.error);
    if (job_.has_no_memory || !is_ready()) return no_memory("libpng");
    return damaged(std::string("libpng: ") + job_.message.data());
  }

 private:
  Job job_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

bool read_info(png_structp png, png_infop info, Job* job) noexcept {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, job, read_bytes);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_benign_errors(png, 1);  // what the picture can do without may be damaged
  png_read_info(png, info);
  return true;
}

// Each pass of an interlaced picture fills in what those before it left open.
bool read_rows(png_structp png, png_infop info, Raster& out) noexcept {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_expand(png);
  if (std::endian::native == std::endian::little) png_set_swap(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != out.row_bytes()) png_error(png, "rows of another length");
  for (int pass = 0; pass < passes; ++pass) {
    for (std::int64_t y = 0; y < out.size().height; ++y) png_read_row(png, out.row(y), nullptr);
  }
  return true;
}

}  // namespace

Result<PngFormat> read_png_format(ByteFeed& feed) {
  Reader reader(feed);
  if (!reader.is_ready() || !read_info(reader.png(), reader.info(), &reader.job())) {
    return reader.failure();
  }
  png_structp png = reader.png();
  png_infop info = reader.info();
  const unsigned type = png_get_color_type(png, info);
  PngFormat picture;
  picture.size = {png_get_image_width(png, info), png_get_image_height(png, info)};
  picture.bits = png_get_bit_depth(png, info);
  picture.channels = png_get_channels(png, info);
  picture.format.model = (type & PNG_COLOR_MASK_COLOR) != 0 ? ColourModel::rgb : ColourModel::grey;
  picture.format.alpha =
      (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  if (picture.bits == 16) picture.format.type = SampleType::u16;
  return picture;
}

Status read_png_pixels(ByteFeed& feed, const PngFormat& picture, Raster& out) {
  Reader reader(feed);
  if (!reader.is_ready() || !read_info(reader.png(), reader.info(), &reader.job())) {
    return reader.failure();
  }
  const Size size{png_get_image_width(reader.png(), reader.info()),
                  png_get_image_height(reader.png(), reader.info())};
  if (size != picture.size) {
    return damaged("PNG: changed while it was read");
  }
  if (!read_rows(reader.png(), reader.info(), out)) return reader.failure();
  return {};
}

}  // namespace iip

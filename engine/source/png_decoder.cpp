// libpng leaves by longjmp on errors. Between setjmp and longjmp there is nothing to destroy; the
// callbacks are noexcept.
#include "engine/source/png_decoder.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/source/exif.h"

namespace iip {

namespace {

constexpr png_alloc_size_t kMostChunkBytes = png_alloc_size_t{8} << 20;
constexpr png_uint_32 kMostTextChunks = 1000;

struct Job {
  ByteFeed* feed;
  ByteSpan rest;
  std::optional<Error> error;
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
    job.error = Error{ErrorKind::busy, "The server is busy; try again shortly", "no memory", {}};
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
  explicit Reader(ByteFeed& feed) : job_{&feed, {}, {}, {}} {
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
    if (!is_ready())
      return fail(ErrorKind::busy, "The server is busy; try again shortly", "libpng");
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
  png_set_chunk_malloc_max(png, kMostChunkBytes);
  png_set_chunk_cache_max(png, kMostTextChunks);
  png_set_benign_errors(png, 1);  // a damaged profile is left out
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

std::string utf8(const char* text, std::size_t length) {
  return to_utf8(trim(std::string_view(text, length)));
}

void add_text(const png_text& text, std::uint64_t most, Metadata& metadata) {
  const bool is_international = text.compression >= PNG_ITXT_COMPRESSION_NONE;
  const std::size_t length = is_international ? text.itxt_length : text.text_length;
  const std::string_view key = text.key;
  if (text.text == nullptr || length > most) return;
  if (key == "XML:com.adobe.xmp") metadata.xmp.assign(text.text, length);
  if (key == "Title") metadata.title = utf8(text.text, length);
  if (key == "Author") metadata.creator = utf8(text.text, length);
  if (key == "Copyright") metadata.rights = utf8(text.text, length);
  if (key == "Description") metadata.description = utf8(text.text, length);
  if (key == "Creation Time") metadata.date = utf8(text.text, length);
  if (key == "Software") metadata.software = utf8(text.text, length);
}

std::optional<Density> density_of(png_structp png, png_infop info) {
  png_uint_32 x = 0;
  png_uint_32 y = 0;
  int unit = 0;
  if (png_get_pHYs(png, info, &x, &y, &unit) == 0 || unit != PNG_RESOLUTION_METER) return {};
  if (x == 0 || y == 0) return {};
  // The inch, because most pictures were made for so many dots of it.
  return Density{static_cast<double>(x), static_cast<double>(y), Density::Unit::inch};
}

Bytes profile_of(png_structp png, png_infop info, std::uint64_t most) {
  png_charp name = nullptr;
  png_bytep profile = nullptr;
  png_uint_32 length = 0;
  int compression = 0;
  if (png_get_iCCP(png, info, &name, &compression, &profile, &length) == 0 || length > most) {
    return {};
  }
  ByteVector bytes(length);
  std::copy_n(profile, length, bytes.begin());
  return Bytes(std::move(bytes));
}

// Orientation and block; texts come from chunks of their own.
void read_exif_chunk(png_structp png, png_infop info, std::uint64_t most, PngHeader& header) {
  png_uint_32 length = 0;
  png_bytep block = nullptr;
  if (png_get_eXIf_1(png, info, &length, &block) == 0) return;
  Exif exif = read_exif(ByteSpan(block, length));
  header.orientation = exif.orientation;
  if (length <= most) header.metadata.exif = std::move(exif.metadata.exif);
}

}  // namespace

Result<PngHeader> read_png_header(ByteFeed& feed, std::uint64_t most_metadata) {
  Reader reader(feed);
  if (!reader.is_ready() || !read_info(reader.png(), reader.info(), &reader.job())) {
    return reader.failure();
  }
  png_structp png = reader.png();
  png_infop info = reader.info();
  const unsigned type = png_get_color_type(png, info);
  PngHeader header;
  header.size = {png_get_image_width(png, info), png_get_image_height(png, info)};
  header.bits = png_get_bit_depth(png, info);
  header.channels = png_get_channels(png, info);
  header.format.model = (type & PNG_COLOR_MASK_COLOR) != 0 ? ColourModel::rgb : ColourModel::grey;
  header.format.alpha =
      (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  if (header.bits == 16) header.format.type = SampleType::u16;
  read_exif_chunk(png, info, most_metadata, header);
  header.density = density_of(png, info);
  header.icc_profile = profile_of(png, info, most_metadata);
  png_textp texts = nullptr;
  const int count = png_get_text(png, info, &texts, nullptr);
  for (int i = 0; i < count; ++i) add_text(texts[i], most_metadata, header.metadata);
  return header;
}

Status read_png_pixels(ByteFeed& feed, const PngHeader& header, Raster& out) {
  Reader reader(feed);
  if (!reader.is_ready() || !read_info(reader.png(), reader.info(), &reader.job())) {
    return reader.failure();
  }
  const Size size{png_get_image_width(reader.png(), reader.info()),
                  png_get_image_height(reader.png(), reader.info())};
  if (size != header.size) {
    return damaged("PNG: changed while it was read");
  }
  if (!read_rows(reader.png(), reader.info(), out)) return reader.failure();
  return {};
}

}  // namespace iip

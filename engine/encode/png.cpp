// libpng leaves by longjmp on errors. Between setjmp and longjmp there is nothing to destroy; the
// callbacks are noexcept, and report lack of memory libpng's way.
#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include "engine/encode/encode.h"
#include "engine/encode/extras.h"

namespace iip {

namespace {

struct Job {
  ByteVector* out;
  std::array<char, 128> message;
};

void leave(png_structp png, png_const_charp message) noexcept {
  Job& job = *static_cast<Job*>(png_get_error_ptr(png));
  std::snprintf(job.message.data(), job.message.size(), "%s", message);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) noexcept {}

bool append(ByteVector& out, const std::uint8_t* data, std::size_t size) noexcept {
  try {
    out.insert(out.end(), data, data + size);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void write_bytes(png_structp png, png_bytep data, std::size_t size) noexcept {
  Job& job = *static_cast<Job*>(png_get_io_ptr(png));
  if (!append(*job.out, data, size)) png_error(png, "out of memory");
}

void flush_nothing(png_structp) noexcept {}

int png_colour_type(const PixelFormat& format) {
  const bool grey = format.model == ColourModel::grey;
  if (format.alpha) return grey ? PNG_COLOR_TYPE_GRAY_ALPHA : PNG_COLOR_TYPE_RGB_ALPHA;
  return grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
}

bool fits_png(double pixels_per_metre) {
  return pixels_per_metre >= 1 && pixels_per_metre <= PNG_UINT_31_MAX;
}

void set_density(png_structp png, png_infop info, const std::optional<Density>& density) {
  if (!density || density->unit == Density::Unit::unknown) return;
  if (!fits_png(density->x) || !fits_png(density->y)) return;
  png_set_pHYs(png, info, static_cast<png_uint_32>(std::lround(density->x)),
               static_cast<png_uint_32>(std::lround(density->y)), PNG_RESOLUTION_METER);
}

bool run(png_structp png, png_infop info, Job& job, const Raster& raster, int level,
         const PictureExtras& extras) noexcept {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, &job, write_bytes, flush_nothing);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_benign_errors(png, 1);  // a damaged profile is left out
  png_set_compression_level(png, level);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_UP);  // fast, and small
  png_set_IHDR(png, info, static_cast<png_uint_32>(raster.size().width),
               static_cast<png_uint_32>(raster.size().height), 8, png_colour_type(raster.format()),
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  if (profile_fits(extras.icc_profile.span(), raster.format().model)) {
    png_set_iCCP(png, info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, extras.icc_profile.data(),
                 static_cast<png_uint_32>(extras.icc_profile.size()));
  }
  set_density(png, info, extras.density);
  png_write_info(png, info);
  for (std::int64_t y = 0; y < raster.size().height; ++y) png_write_row(png, raster.row(y));
  png_write_end(png, info);
  return true;
}

}  // namespace

Result<Bytes> encode_png(const Raster& raster, int level, const PictureExtras& extras) {
  if (raster.format().type != SampleType::u8) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                "encode_png: a raster of more than 8 bits");
  }
  ByteVector out;
  out.reserve(4096 + static_cast<std::size_t>(raster.size().height) * raster.row_bytes() / 2);
  Job job{&out, {}};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, leave, ignore_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool done = info != nullptr && run(png, info, job, raster, std::clamp(level, 0, 9), extras);
  png_destroy_write_struct(&png, &info);
  if (!done) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                std::string("libpng: ") + job.message.data());
  }
  return Bytes(std::move(out));
}

}  // namespace iip

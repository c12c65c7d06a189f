#include "engine/formats/png/encoder.h"

// libpng leaves by longjmp on errors. Between setjmp and longjmp there is nothing to destroy; the
// callbacks are noexcept, and report lack of memory libpng's way.
#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "engine/base/checkpoint.h"
#include "engine/base/no_memory.h"
#include "engine/encode/extras.h"
#include "engine/formats/metadata/exif_block.h"

namespace iip {

namespace {

struct Job {
  ByteVector* out;
  Checkpoint* checkpoint;
  bool stopped;
  bool no_memory;
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
  if (append(*job.out, data, size)) return;
  job.no_memory = true;
  png_error(png, "out of memory");
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

constexpr int kDeepBits = 16;

// Nothing but black and white, which takes one bit for each pixel.
bool is_bilevel(const Raster& raster) {
  const PixelFormat& format = raster.format();
  if (format.type != SampleType::u8 || format.channels() != 1) return false;
  for (std::int64_t y = 0; y < raster.size().height; ++y) {
    const auto row = raster.samples<std::uint8_t>(y);
    if (!std::all_of(row.begin(), row.end(), [](int grey) { return grey == 0 || grey == 255; })) {
      return false;
    }
  }
  return true;
}

// What is written, ready before libpng is entered.
struct Contents {
  const Raster& raster;
  const PictureExtras& extras;
  int level;
  ByteVector exif;
  std::string xmp;
  std::vector<png_text> texts;  // they point into `xmp` and the extras
  ByteVector bits;              // room for a row of one bit a pixel; empty: it takes bytes
};

// The names are those of the PNG specification, 11.3.4.2, and of the XMP specification part 3,
// 1.1.5. All are UTF-8, as iTXt; libpng reads the texts only.
void add_text(std::vector<png_text>& texts, const char* keyword, const std::string& value) {
  if (value.empty()) return;
  png_text text{};
  text.compression = PNG_ITXT_COMPRESSION_NONE;
  text.key = const_cast<char*>(keyword);
  text.text = const_cast<char*>(value.c_str());
  text.itxt_length = value.size();
  text.lang = const_cast<char*>("");
  text.lang_key = const_cast<char*>("");
  texts.push_back(text);
}

void add_texts(Contents& contents) {
  const Metadata& metadata = contents.extras.metadata;
  add_text(contents.texts, "Title", metadata.title);
  add_text(contents.texts, "Author", metadata.creator);
  add_text(contents.texts, "Description", metadata.description);
  add_text(contents.texts, "Copyright", metadata.rights);
  add_text(contents.texts, "Creation Time", metadata.date);
  add_text(contents.texts, "Software", metadata.software);
  add_text(contents.texts, "XML:com.adobe.xmp", contents.xmp);
}

void set_extras(png_structp png, png_infop info, Contents& contents) {
  const Bytes& profile = contents.extras.icc_profile;
  if (profile_fits(profile.span(), contents.raster.format().model)) {
    png_set_iCCP(png, info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, profile.data(),
                 static_cast<png_uint_32>(profile.size()));
  }
  set_density(png, info, contents.extras.density);
  if (!contents.exif.empty()) {
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(contents.exif.size()), contents.exif.data());
  }
  if (!contents.texts.empty()) {
    png_set_text(png, info, contents.texts.data(), static_cast<int>(contents.texts.size()));
  }
}

int bits_of(const PixelFormat& format) { return format.type == SampleType::u16 ? kDeepBits : 8; }

void set_header(png_structp png, png_infop info, const Contents& contents) {
  const Raster& raster = contents.raster;
  png_set_IHDR(png, info, static_cast<png_uint_32>(raster.size().width),
               static_cast<png_uint_32>(raster.size().height),
               contents.bits.empty() ? bits_of(raster.format()) : 1,
               png_colour_type(raster.format()), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
}

// False: the deadline ended it. The first pixel of eight is the highest bit.
bool write_rows_of_bits(png_structp png, const Raster& raster, ByteVector& bits,
                        Checkpoint& checkpoint) {
  for (std::int64_t y = 0; y < raster.size().height; ++y) {
    std::fill(bits.begin(), bits.end(), std::uint8_t{0});
    std::size_t x = 0;
    for (const std::uint8_t grey : raster.samples<std::uint8_t>(y)) {
      bits[x / 8] = static_cast<std::uint8_t>(bits[x / 8] | (grey & 0x80U) >> x % 8);
      ++x;
    }
    png_write_row(png, bits.data());
    if (checkpoint.ends(raster.row_bytes())) return false;
  }
  return true;
}

bool write_rows(png_structp png, const Raster& raster, Checkpoint& checkpoint) {
  const bool deep = bits_of(raster.format()) == kDeepBits;
  if (deep && std::endian::native == std::endian::little) png_set_swap(png);
  for (std::int64_t y = 0; y < raster.size().height; ++y) {
    png_write_row(png, raster.row(y));
    if (checkpoint.ends(raster.row_bytes() * Checkpoint::kSlow)) return false;
  }
  return true;
}

bool run(png_structp png, png_infop info, Job& job, Contents& contents) noexcept {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, &job, write_bytes, flush_nothing);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_benign_errors(png, 1);  // a damaged profile is left out
  png_set_compression_level(png, contents.level);
  // Fast, and small; bits are not worth filtering.
  png_set_filter(png, PNG_FILTER_TYPE_BASE,
                 contents.bits.empty() ? PNG_FILTER_SUB | PNG_FILTER_UP : PNG_FILTER_NONE);
  set_header(png, info, contents);
  set_extras(png, info, contents);
  png_write_info(png, info);
  const bool to_the_end =
      contents.bits.empty()
          ? write_rows(png, contents.raster, *job.checkpoint)
          : write_rows_of_bits(png, contents.raster, contents.bits, *job.checkpoint);
  if (!to_the_end) {
    job.stopped = true;
    return false;
  }
  png_write_end(png, nullptr);
  return true;
}

Status check(const PixelFormat& format) {
  const bool whole = format.type == SampleType::u8 || format.type == SampleType::u16;
  const bool colours = format.model == ColourModel::grey || format.model == ColourModel::rgb;
  if (whole && colours && format.extra == 0) return {};
  return fail(ErrorKind::internal, "The picture can not be encoded",
              "encode_png: neither grey nor RGB of 8 or 16 bits");
}

}  // namespace

Result<Bytes> encode_png(const Raster& raster, int level, const PictureExtras& extras,
                         const Deadline& deadline) {
  if (auto checked = check(raster.format()); !checked) return pass_on(checked);
  ByteVector out;
  out.reserve(4096 + static_cast<std::size_t>(raster.size().height) * raster.row_bytes() / 2);
  Contents contents{raster,
                    extras,
                    std::clamp(level, 0, 9),
                    upright_exif(extras.metadata.exif.span()),
                    upright_xmp(extras.metadata.xmp),
                    {},
                    {}};
  add_texts(contents);
  if (is_bilevel(raster)) contents.bits.resize((raster.row_bytes() + 7) / 8);
  Checkpoint checkpoint(deadline);
  Job job{&out, &checkpoint, false, false, {}};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, leave, ignore_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool begun = info != nullptr;
  const bool done = begun && run(png, info, job, contents);
  png_destroy_write_struct(&png, &info);
  if (job.stopped) return deadline.failure();
  if (job.no_memory || !begun) return no_memory("libpng");
  if (!done) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                std::string("libpng: ") + job.message.data());
  }
  return Bytes(std::move(out));
}

}  // namespace iip

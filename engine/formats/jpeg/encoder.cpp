#include "engine/formats/jpeg/encoder.h"

// libjpeg leaves by longjmp on errors. Everything between setjmp and longjmp lives in a Job whose
// frame has nothing to destroy; the callbacks are noexcept, and report lack of memory libjpeg's
// way.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <array>
#include <csetjmp>
#include <exception>
#include <string>

#include "engine/base/checkpoint.h"
#include "engine/base/no_memory.h"
#include "engine/encode/extras.h"
#include "engine/formats/jpeg/segments.h"

namespace iip {

namespace {

constexpr JDIMENSION kLines = 16;  // what libjpeg takes at a time at 4:2:0

struct Job {
  jpeg_compress_struct compress;
  jpeg_error_mgr errors;
  jpeg_destination_mgr destination;
  jpeg_progress_mgr progress;
  std::jmp_buf escape;
  std::array<char, JMSG_LENGTH_MAX> message;
  ByteVector* out;
  Checkpoint* checkpoint;
  bool stopped;
};

Job& job_of(j_common_ptr info) { return *static_cast<Job*>(info->client_data); }

void leave(j_common_ptr info) noexcept {
  Job& job = job_of(info);
  info->err->format_message(info, job.message.data());
  std::longjmp(job.escape, 1);
}

void ignore_message(j_common_ptr) noexcept {}

bool resize(ByteVector& bytes, std::size_t size) noexcept {
  try {
    bytes.resize(size);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void use_free_part(Job& job, std::size_t from) noexcept {
  job.destination.next_output_byte = job.out->data() + from;
  job.destination.free_in_buffer = job.out->size() - from;
}

void start_output(j_compress_ptr info) noexcept {
  use_free_part(job_of(reinterpret_cast<j_common_ptr>(info)), 0);
}

boolean grow_output(j_compress_ptr info) noexcept {
  Job& job = job_of(reinterpret_cast<j_common_ptr>(info));
  const std::size_t full = job.out->size();
  if (!resize(*job.out, full * 2)) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
  use_free_part(job, full);
  return TRUE;
}

void finish_output(j_compress_ptr info) noexcept {
  Job& job = job_of(reinterpret_cast<j_common_ptr>(info));
  resize(*job.out, job.out->size() - job.destination.free_in_buffer);
}

void set_parameters(jpeg_compress_struct& compress, const Raster& raster, int quality,
                    bool optimise, const PictureExtras& extras) {
  const bool grey = raster.format().model == ColourModel::grey;
  compress.image_width = static_cast<JDIMENSION>(raster.size().width);
  compress.image_height = static_cast<JDIMENSION>(raster.size().height);
  compress.input_components = raster.channels();
  compress.in_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&compress);  // YCbCr with 4:2:0, standard Huffman tables
  jpeg_set_quality(&compress, quality, TRUE);
  compress.optimize_coding = optimise ? TRUE : FALSE;
  compress.dct_method = JDCT_ISLOW;
  if (const auto density = jfif_density(extras.density)) {
    compress.density_unit = density->unit;
    compress.X_density = density->x;
    compress.Y_density = density->y;
  }
}

// libjpeg calls it for each row of MCUs, also when it has all lines and chooses Huffman tables.
void watch(j_common_ptr info) noexcept {
  Job& job = job_of(info);
  const auto& compress = *reinterpret_cast<j_compress_ptr>(info);
  const auto samples =
      std::uint64_t{compress.image_width} * static_cast<unsigned>(compress.input_components);
  if (!job.checkpoint->ends(samples * kLines)) return;
  job.stopped = true;
  std::longjmp(job.escape, 1);
}

void write_lines(jpeg_compress_struct& compress, const Raster& raster) {
  std::array<JSAMPROW, kLines> lines{};
  while (compress.next_scanline < compress.image_height) {
    const JDIMENSION count = std::min(kLines, compress.image_height - compress.next_scanline);
    for (JDIMENSION i = 0; i < count; ++i) {
      // libjpeg's rows are not const, but it only reads them.
      lines[i] = const_cast<JSAMPROW>(raster.row(compress.next_scanline + i));
    }
    jpeg_write_scanlines(&compress, lines.data(), count);
  }
}

// What is written, ready before libjpeg is entered.
struct Contents {
  const Raster& raster;
  const PictureExtras& extras;
  int quality;
  bool optimise;
  ByteSpan icc_profile;
  std::span<const JpegSegment> segments;
};

bool run(Job& job, const Contents& contents) noexcept {
  if (setjmp(job.escape) != 0) return false;
  jpeg_create_compress(&job.compress);
  job.compress.dest = &job.destination;
  job.compress.progress = &job.progress;
  set_parameters(job.compress, contents.raster, contents.quality, contents.optimise,
                 contents.extras);
  jpeg_start_compress(&job.compress, TRUE);
  for (const JpegSegment& segment : contents.segments) {
    jpeg_write_marker(&job.compress, segment.marker, segment.data.data(),
                      static_cast<unsigned>(segment.data.size()));
  }
  if (!contents.icc_profile.empty()) {
    jpeg_write_icc_profile(&job.compress, contents.icc_profile.data(),
                           static_cast<unsigned>(contents.icc_profile.size()));
  }
  write_lines(job.compress, contents.raster);
  jpeg_finish_compress(&job.compress);
  return true;
}

Status check(const Raster& raster) {
  if (raster.format().alpha || raster.format().type != SampleType::u8) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                "encode_jpeg: a raster with alpha, or of more than 8 bits");
  }
  if (raster.size().width > JPEG_MAX_DIMENSION || raster.size().height > JPEG_MAX_DIMENSION) {
    return fail(ErrorKind::too_large, "A JPEG picture has at most 65500 pixels a side");
  }
  return {};
}

}  // namespace

Result<Bytes> encode_jpeg(const Raster& raster, int quality, const PictureExtras& extras,
                          bool optimise, const Deadline& deadline) {
  if (auto checked = check(raster); !checked) return pass_on(checked);

  const ByteSpan profile = extras.icc_profile.span();
  const bool with_profile =
      profile.size() <= kMaxJpegIcc && profile_fits(profile, raster.format().model);
  // Room for an ordinary picture, so that few need to grow.
  const auto pixels = static_cast<std::size_t>(raster.size().area());
  ByteVector out(4096 + profile.size() + pixels / 4);

  Job job{};
  job.out = &out;
  Checkpoint checkpoint(deadline);
  job.checkpoint = &checkpoint;
  job.progress.progress_monitor = watch;
  job.compress.client_data = &job;
  job.compress.err = jpeg_std_error(&job.errors);
  job.errors.error_exit = leave;
  job.errors.output_message = ignore_message;
  job.destination.init_destination = start_output;
  job.destination.empty_output_buffer = grow_output;
  job.destination.term_destination = finish_output;
  const std::vector<JpegSegment> segments = jpeg_segments(extras.metadata);
  const bool done = run(job, {raster, extras, std::clamp(quality, 1, 100), optimise,
                              with_profile ? profile : ByteSpan{}, segments});
  jpeg_destroy_compress(&job.compress);
  if (job.stopped) return deadline.failure();
  if (!done && job.errors.msg_code == JERR_OUT_OF_MEMORY) return no_memory("libjpeg");
  if (!done) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                std::string("libjpeg: ") + job.message.data());
  }
  return Bytes(std::move(out));
}

}  // namespace iip

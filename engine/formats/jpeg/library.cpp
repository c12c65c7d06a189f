#include "engine/formats/jpeg/library.h"

#include <jerror.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "engine/base/no_memory.h"
#include "engine/formats/jpeg/scan_count.h"

namespace iip {

namespace {

constexpr std::array<JOCTET, 2> kEndOfImage{0xFF, JPEG_EOI};

Error damaged(const char* message) {
  return {ErrorKind::corrupt, "The image file is damaged", std::string("libjpeg: ") + message, {}};
}

// What libjpeg calls a warning, and fills with grey.
bool is_damage(int code) {
  return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_ARITH_BAD_CODE ||
         code == JWRN_JPEG_EOF || code == JWRN_MUST_RESYNC;
}

}  // namespace

JpegLibrary::JpegLibrary(ByteFeed& feed, const Deadline& deadline)
    : feed_(feed), deadline_(deadline) {
  jpeg_std_error(&errors_);
  errors_.error_exit = leave_with_message;
  errors_.output_message = ignore_message;
  errors_.emit_message = heed_damage;
  source_.init_source = start;
  source_.fill_input_buffer = fill;
  source_.skip_input_data = skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = finish;
  progress_.progress_monitor = watch;
}

void JpegLibrary::attach(jpeg_decompress_struct& decompress) noexcept {
  decompress.src = &source_;
  decompress.progress = &progress_;
}

tl::unexpected<Error> JpegLibrary::failure() const {
  if (error_) return tl::unexpected<Error>(*error_);
  if (no_memory_) return iip::no_memory("libjpeg");
  return fail(ErrorKind::internal, "The request failed", "libjpeg: left without an error");
}

void JpegLibrary::leave() noexcept { std::longjmp(escape_, 1); }

void JpegLibrary::leave_with_message(j_common_ptr info) noexcept {
  JpegLibrary& library = of(info);
  if (info->err->msg_code == JERR_OUT_OF_MEMORY) {
    library.no_memory_ = true;
  } else if (!library.has_failed()) {
    std::array<char, JMSG_LENGTH_MAX> text{};
    info->err->format_message(info, text.data());
    library.note([&] { return std::optional<Error>(damaged(text.data())); });
  }
  library.leave();
}

void JpegLibrary::ignore_message(j_common_ptr) noexcept {}

void JpegLibrary::heed_damage(j_common_ptr info, int level) noexcept {
  if (level < 0 && is_damage(info->err->msg_code)) leave_with_message(info);
}

void JpegLibrary::start(j_decompress_ptr) noexcept {}

// False where the feed failed.
bool JpegLibrary::take_next() noexcept {
  return note([this]() -> std::optional<Error> {
    Result<ByteSpan> piece = feed_.next();
    if (!piece) return std::move(piece.error());
    // Data that ends early is found out by what it lacks: the last marker alone is nothing lost.
    if (piece->empty()) reached_end_ = true;
    const ByteSpan bytes = piece->empty() ? ByteSpan(kEndOfImage) : *piece;
    source_.next_input_byte = bytes.data();
    source_.bytes_in_buffer = bytes.size();
    return std::nullopt;
  });
}

boolean JpegLibrary::fill(j_decompress_ptr info) noexcept {
  JpegLibrary& library = of(reinterpret_cast<j_common_ptr>(info));
  if (!library.take_next()) library.leave();
  return TRUE;
}

void JpegLibrary::skip(j_decompress_ptr info, long count) noexcept {
  JpegLibrary& library = of(reinterpret_cast<j_common_ptr>(info));
  for (std::size_t left = count > 0 ? static_cast<std::size_t>(count) : 0; left > 0;) {
    if (library.source_.bytes_in_buffer == 0) fill(info);
    const std::size_t step = std::min(left, library.source_.bytes_in_buffer);
    library.source_.next_input_byte += step;
    library.source_.bytes_in_buffer -= step;
    left -= step;
  }
}

void JpegLibrary::finish(j_decompress_ptr) noexcept {}

void JpegLibrary::watch(j_common_ptr info) noexcept {
  JpegLibrary& library = of(info);
  const auto* decompress = reinterpret_cast<j_decompress_ptr>(info);
  const bool good = library.note([&]() -> std::optional<Error> {
    if (info->is_decompressor == TRUE) {
      const Size size{decompress->image_width, decompress->image_height};
      auto error = too_many_jpeg_scans(static_cast<std::uint64_t>(decompress->input_scan_number),
                                       jpeg_blocks(size, decompress->num_components));
      if (error) return error;
    }
    if (library.deadline_.is_over()) return library.deadline_.failure().value();
    return std::nullopt;
  });
  if (!good) library.leave();
}

}  // namespace iip

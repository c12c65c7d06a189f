// What every use of libjpeg for reading shares: bytes from a ByteFeed, errors as values.
//
// libjpeg leaves by longjmp on errors. Neither the frame that calls setjmp nor those between it and
// the callbacks here, which are noexcept, may have anything to destroy. Damage that libjpeg would
// paint over (data that ends early, codes that do not exist) ends the work as well. Belongs to one
// thread, that which has called setjmp.
#pragma once

// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <exception>
#include <optional>

#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/source/byte_feed.h"

namespace iip {

class JpegLibrary {
 public:
  // The feed and the deadline must outlive the object.
  JpegLibrary(ByteFeed& feed, const Deadline& deadline);
  JpegLibrary(const JpegLibrary&) = delete;
  JpegLibrary& operator=(const JpegLibrary&) = delete;

  // Where errors lead: `if (setjmp(library.escape()) != 0) return false;`, then attach().
  std::jmp_buf& escape() { return escape_; }
  // Makes the decompressor read from the feed. Its `err` was set to errors() before.
  void attach(jpeg_decompress_struct& decompress) noexcept;
  // For compressors too.
  jpeg_error_mgr* errors() noexcept { return &errors_; }

  // Why the work ended.
  tl::unexpected<Error> failure() const;
  // For other callbacks: notes what `work()`, which gives std::optional<Error>, says went wrong, if
  // anything, or that there was no memory; false if so. Then leave() ends the work.
  template <class Work>
  bool note(Work work) noexcept {
    try {
      if (std::optional<Error> error = work()) error_ = std::move(error);
    } catch (const std::exception&) {
      no_memory_ = true;
    }
    return !has_failed();
  }
  [[noreturn]] void leave() noexcept;

  // The feed ended before the picture did.
  bool reached_end_of_feed() const { return reached_end_; }

 private:
  static JpegLibrary& of(j_common_ptr info) {
    return *static_cast<JpegLibrary*>(info->client_data);
  }
  [[noreturn]] static void leave_with_message(j_common_ptr info) noexcept;
  static void ignore_message(j_common_ptr info) noexcept;
  static void heed_damage(j_common_ptr info, int level) noexcept;
  static void start(j_decompress_ptr info) noexcept;
  static boolean fill(j_decompress_ptr info) noexcept;
  static void skip(j_decompress_ptr info, long count) noexcept;
  static void finish(j_decompress_ptr info) noexcept;
  static void watch(j_common_ptr info) noexcept;
  bool take_next() noexcept;
  bool has_failed() const noexcept { return error_ || no_memory_; }

  ByteFeed& feed_;
  const Deadline& deadline_;
  std::jmp_buf escape_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  std::optional<Error> error_;
  bool no_memory_ = false;
  bool reached_end_ = false;
};

}  // namespace iip

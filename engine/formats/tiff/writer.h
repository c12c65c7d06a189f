// A TIFF file that libtiff writes into memory.
//
// libtiff's errors come back as values: it is opened with handlers and callbacks of our own, which
// return, always, and with a limit on what it allocates at a time.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace iip {

class TiffWriter {
 public:
  // BigTIFF for what may have more than 4 GB.
  explicit TiffWriter(bool big);

  bool is_open() const { return tiff_ != nullptr; }

  template <class... Values>
  void set(std::uint32_t tag, Values... values) {
    good_ = TIFFSetField(tiff_.get(), tag, values...) == 1 && good_;
  }
  // For what may be left out; nothing is said where libtiff does not take it.
  template <class... Values>
  void set_if_taken(std::uint32_t tag, Values... values) {
    const std::string so_far = message_;
    TIFFSetField(tiff_.get(), tag, values...);
    message_ = so_far;
  }
  void write_strip(std::uint32_t index, ByteVector& samples);
  void write_tile(std::uint32_t index, ByteVector& samples);

  // Where add() puts what it is given next: an even offset.
  std::uint32_t end();
  // Bytes that a tag points to. Behind the last strip or tile, as the file is written.
  void add(const ByteVector& bytes);

  // Writes the directory.
  Result<ByteVector> finish();

 private:
  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };

  struct MemoryFile {
    ByteVector bytes;
    std::size_t position = 0;
    bool no_memory = false;
  };
  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) noexcept;
  static tmsize_t write(thandle_t handle, void* data, tmsize_t size) noexcept;
  static toff_t seek(thandle_t handle, toff_t offset, int whence) noexcept;
  static toff_t size(thandle_t handle) noexcept;

  MemoryFile file_;
  std::string message_;
  bool good_ = true;
  std::unique_ptr<TIFF, Close> tiff_;  // uses the members above: closed before they go
};

}  // namespace iip

// A TIFF file that libtiff writes into memory. For one thread at a time.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/tiff/memory_file.h"

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
    const std::string so_far = file_.message;
    TIFFSetField(tiff_.get(), tag, values...);
    file_.message = so_far;
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

  TiffMemoryFile file_;
  bool good_ = true;
  std::unique_ptr<TIFF, Close> tiff_;  // uses the members above: closed before they go
};

}  // namespace iip

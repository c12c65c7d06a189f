// libtiff's codecs on one block at a time, whose file is a header in memory.
//
// libtiff opens that header and decodes the bytes it is given; it never sees anything else. For one
// thread at a time.
#pragma once

#include <memory>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

struct tiff;

namespace iip {

struct TiffMemoryFile;

// A TIFF file of one directory with one block, without the block's bytes.
struct TiffBlockFile {
  ByteVector bytes;
  bool to_rgb = false;     // of JPEG in YCbCr
  bool to_floats = false;  // of the logarithmic codecs
};

class TiffLibrary {
 public:
  explicit TiffLibrary(TiffBlockFile file);
  TiffLibrary(const TiffLibrary&) = delete;
  TiffLibrary& operator=(const TiffLibrary&) = delete;
  ~TiffLibrary();

  // Fills `out`, which has the size of the decoded block. `compressed` is written to on the way
  // (bit order) and restored. Errors: corrupt, with libtiff's own words; the library is of no use
  // then.
  Status decode(std::span<std::uint8_t> compressed, std::span<std::uint8_t> out);

 private:
  const std::unique_ptr<TiffMemoryFile> file_;
  struct tiff* tiff_ = nullptr;
};

// The file and its block as one run of bytes, the question to a confined decoder: for codecs
// that may end their process.
std::size_t tiff_question_size(const TiffBlockFile& file, std::size_t compressed);
void write_tiff_question(const TiffBlockFile& file, ByteSpan compressed,
                         std::span<std::uint8_t> question);
Status decode_tiff_question(ByteSpan question, std::span<std::uint8_t> answer);

}  // namespace iip

// A file in memory, as libtiff reads and writes it.
//
// libtiff's errors come back as values: it is opened with handlers and callbacks of our own, which
// return, always, and with a limit on what it allocates at a time. For one thread at a time.
#pragma once

#include <tiffio.h>

#include <string>

#include "engine/base/bytes.h"

namespace iip {

struct TiffMemoryFile {
  ByteVector bytes;
  std::size_t position = 0;
  bool no_memory = false;  // for what was to be written
  std::string message;     // the first error that libtiff reported

  // `mode` as TIFFOpen has it. nullptr: it can not be opened. This must outlive what is opened, and
  // stay where it is; TIFFClose() leaves it.
  TIFF* open(const char* name, const char* mode);
};

}  // namespace iip

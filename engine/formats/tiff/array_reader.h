// Reads an array of a TIFF file element by element, with fewer calls of the system where they are
// read one behind the other.
//
// Whoever wants one tile fetches one number. Whoever goes on with the next gets twice as many at
// once each time, up to a page of memory: a picture of a million small tiles takes a few thousand
// reads for their places, and not two for each. For one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/formats/tiff/structure/directory.h"

namespace iip {

class TiffArrayReader {
 public:
  // `file` and `array` must outlive the reader.
  TiffArrayReader(const File& file, const TiffArray& array) : file_(file), array_(array) {}

  // `index` < array.count(). Errors: corrupt.
  Result<std::uint64_t> at(std::uint64_t index);

 private:
  static constexpr std::uint64_t kMostAtOnce = 512;

  const File& file_;
  const TiffArray& array_;
  std::vector<std::uint64_t> values_;  // from first_ on
  std::uint64_t first_ = 0;
  std::uint64_t next_ = 0;  // the element behind those that were read
  std::uint64_t run_ = 0;   // how many were read at once
};

}  // namespace iip

// StoredBytes: where a stream lies that is read in pieces: a file, or memory. A view, which must
// not outlive what it looks at. Any number of threads may read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"

namespace iip {

class StoredBytes {
 public:
  explicit StoredBytes(const File& file) : file_(&file) {}
  explicit StoredBytes(ByteSpan memory) : memory_(memory) {}

  std::uint64_t size() const { return file_ != nullptr ? file_->size() : memory_.size(); }

  // Fills `out` from `offset`; the range lies within the stream. Errors: corrupt.
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
    if (file_ != nullptr) return file_->read_at(offset, out);
    const ByteSpan from = memory_.subspan(static_cast<std::size_t>(offset), out.size());
    std::copy(from.begin(), from.end(), out.begin());
    return {};
  }

 private:
  const File* file_ = nullptr;
  ByteSpan memory_;
};

}  // namespace iip

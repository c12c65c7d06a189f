// MetadataAllowance: how many bytes of what a file says of itself are still kept of one image.
//
// A file's texts, profile, XMP, Exif and IPTC may all be the same megabyte of it, named again and
// again, so that a bound for each of them bounds nothing: there is one for all of them together.
// What goes beyond it is left out, like what is too large by itself. For one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/source/source.h"

namespace iip {

class MetadataAllowance {
 public:
  explicit MetadataAllowance(const SourceLimits& limits)
      : each_(limits.max_metadata), left_(limits.max_metadata_in_all) {}

  // The longest value that may be kept now.
  std::uint64_t most() const { return std::min(each_, left_); }

  // Whether a value of so many bytes may be kept. If so it counts.
  bool take(std::uint64_t bytes) {
    if (bytes > most()) return false;
    left_ -= bytes;
    return true;
  }

 private:
  const std::uint64_t each_;
  std::uint64_t left_;
};

}  // namespace iip

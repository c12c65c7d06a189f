// OpenImage: an opened source, with what is computed from its pixels once and then kept. Shared by
// all requests for the same version of a file; thread-safe.
#pragma once

#include <atomic>
#include <memory>

#include "engine/source/source.h"

namespace iip {

class OpenImage {
 public:
  explicit OpenImage(std::shared_ptr<const Source> source) : source_(std::move(source)) {}

  const Source& source() const { return *source_; }
  const ImageInfo& info() const { return source_->info(); }

  // Otsu's threshold over the whole image, taken from its smallest level, so that all tiles and
  // regions of a bitonal view are parted at the same grey.
  Result<int> bitonal_threshold(const ReadContext& context) const;

 private:
  static constexpr int kUnknown = -1;

  std::shared_ptr<const Source> source_;
  // Two threads that find it unknown compute the same value.
  mutable std::atomic<int> bitonal_threshold_{kUnknown};
};

}  // namespace iip

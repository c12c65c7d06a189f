// OrientedSource: a picture that is stored lying on its side, or mirrored, as it is meant to be
// seen. Sizes, levels, tiles and density are those of what is seen. Thread-safe as every Source.
#pragma once

#include <memory>

#include "engine/source/source.h"

namespace iip {

class OrientedSource : public Source {
 public:
  // `orientation` as TIFF and Exif count: where the first row and column of what is stored are
  // seen. 1 gives `stored` back. Values beyond 1 to 8 count as 1.
  static std::shared_ptr<const Source> wrap(std::shared_ptr<const Source> stored, int orientation);

  OrientedSource(std::shared_ptr<const Source> stored, int orientation);

  std::uint64_t kept_bytes() const override { return info_.bytes() + stored_->kept_bytes(); }
  std::uint64_t idle_bytes() const override { return stored_->idle_bytes(); }
  Result<std::shared_ptr<const Source>> open_page(const OpenContext& context) const override {
    return stored_->open_page(context);
  }

  Effort effort(std::size_t level, const Rect& rect) const override;
  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override;

 private:
  const std::shared_ptr<const Source> stored_;
  const int orientation_;
};

}  // namespace iip

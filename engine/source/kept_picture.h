// A picture that was decoded as a whole, kept with its levels: any part of any of them is a copy.
// Never changed once made, so for any number of threads.
#pragma once

#include <memory>
#include <vector>

#include "engine/base/derived_data_cache.h"
#include "engine/base/result.h"
#include "engine/image/raster.h"

namespace iip {

class KeptPicture : public Kept {
 public:
  // `levels` levels: `full`, and averages of its pixels by 2, 4 and so on.
  static Result<std::shared_ptr<const KeptPicture>> of(Raster full, std::size_t levels,
                                                       MemoryBudget& budget);

  explicit KeptPicture(std::vector<Raster> levels) : levels_(std::move(levels)) {}

  // What `full` would take with its levels.
  static std::uint64_t bytes_for(const Size& full, const PixelFormat& format);

  std::uint64_t bytes() const override;
  // `rect` lies within the level.
  Result<Raster> copy(std::size_t level, const Rect& rect, MemoryBudget& budget) const;

 private:
  const std::vector<Raster> levels_;
};

}  // namespace iip

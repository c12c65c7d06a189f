// The samples of a JPEG 2000 picture, or of a part of one, as they were decoded: a plane for each
// component.
//
// A picture owns its samples, and is for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/image/geometry.h"

namespace iip {

// The samples of one component. `left` and `top`: the coordinates of the first, at the reduced
// resolution.
struct J2kPlane {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  int bits = 8;
  bool is_signed = false;
  const std::int32_t* samples = nullptr;

  const std::int32_t* row(std::int64_t y) const { return samples + (y - top) * width; }
};

class J2kPicture {
 public:
  // Planes of zeros, of the components of `header`, counted in `budget`. `area` is on
  // the reference grid reduced to the resolution of the samples.
  static Result<J2kPicture> blank(const J2kHeader& header, const Rect& area, MemoryBudget& budget);

  const std::vector<J2kPlane>& planes() const { return planes_; }

  // Copies what `part` has of the plane of a component, each sample brought to the range of its
  // bits wherever it comes from.
  void paste(std::size_t component, const J2kPlane& part);
  // The place of a sample, by its coordinates.
  std::int32_t* place(std::size_t component, std::int64_t x, std::int64_t y);

 private:
  J2kPicture() = default;

  Reservation memory_;
  std::vector<std::unique_ptr<std::int32_t[]>> samples_;
  std::vector<J2kPlane> planes_;
};

}  // namespace iip

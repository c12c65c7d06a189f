#include "engine/formats/jpeg2000/codestream/picture.h"

#include <algorithm>

#include "engine/formats/jpeg2000/codestream/geometry.h"

namespace iip {

Result<J2kPicture> J2kPicture::blank(const J2kHeader& header, const Rect& area,
                                     MemoryBudget& budget) {
  J2kPicture picture;
  std::uint64_t samples = 0;
  for (const J2kComponent& component : header.components) {
    const Rect rect = divide_up(area, component.dx, component.dy);
    picture.planes_.push_back(
        {rect.x, rect.y, rect.width, rect.height, component.bits, component.is_signed, nullptr});
    samples += static_cast<std::uint64_t>(rect.size().area());
  }
  Result<Reservation> memory = budget.reserve(samples * sizeof(std::int32_t));
  if (!memory) return pass_on(memory);
  picture.memory_ = std::move(*memory);
  for (J2kPlane& plane : picture.planes_) {
    picture.samples_.push_back(
        std::make_unique<std::int32_t[]>(static_cast<std::size_t>(plane.width * plane.height)));
    plane.samples = picture.samples_.back().get();
  }
  return picture;
}

std::int32_t* J2kPicture::place(std::size_t component, std::int64_t x, std::int64_t y) {
  const J2kPlane& plane = planes_[component];
  return samples_[component].get() + (y - plane.top) * plane.width + (x - plane.left);
}

void J2kPicture::paste(std::size_t component, const J2kPlane& part) {
  const J2kPlane& to = planes_[component];
  const Rect both = intersect({to.left, to.top, to.width, to.height},
                              {part.left, part.top, part.width, part.height});
  const std::int64_t least = to.is_signed ? -(std::int64_t{1} << (to.bits - 1)) : 0;
  const std::int64_t most = least + (std::int64_t{1} << to.bits) - 1;
  const auto lower = static_cast<std::int32_t>(least);
  const auto upper = static_cast<std::int32_t>(most);
  for (std::int64_t y = both.y; y < both.bottom(); ++y) {
    const std::int32_t* const from = part.row(y) + (both.x - part.left);
    std::int32_t* const line = place(component, both.x, y);
    for (std::int64_t x = 0; x < both.width; ++x) line[x] = std::clamp(from[x], lower, upper);
  }
}

}  // namespace iip

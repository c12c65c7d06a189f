// Sizes and rectangles, in pixels. x grows to the right, y downwards; a Rect covers
// [x, x+width) x [y, y+height). Coordinates are 64-bit so that no sum or product of two 32-bit
// sides can overflow. Value types; the functions keep nothing and are for any thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace iip {

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;

  std::int64_t area() const { return width * height; }
  bool empty() const { return width <= 0 || height <= 0; }
  friend bool operator==(const Size&, const Size&) = default;
};

struct Rect {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;

  static Rect of(const Size& size) { return {0, 0, size.width, size.height}; }
  Size size() const { return {width, height}; }
  std::int64_t right() const { return x + width; }
  std::int64_t bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  friend bool operator==(const Rect&, const Rect&) = default;
};

// A rectangle with fractional edges: where a region of the full image falls in a smaller level.
struct RectF {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

inline Rect intersect(const Rect& a, const Rect& b) {
  const std::int64_t x = std::max(a.x, b.x);
  const std::int64_t y = std::max(a.y, b.y);
  return {x, y, std::min(a.right(), b.right()) - x, std::min(a.bottom(), b.bottom()) - y};
}

// The quotient rounded up, for counting tiles. Both operands positive.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace iip

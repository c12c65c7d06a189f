// zimg behind a line of its own: planes of samples are scaled, line by line.
//
// zimg asks for the lines of a window of a picture as it needs them, and hands out those of the
// result. Planes of the whole window never exist. Where the window ends at the picture's edge, zimg
// goes on with the mirrored picture: in a reduction a border line that were repeated instead would
// weigh many times as much as the lines inside. All of it happens in the thread that calls; value
// types otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/allowance.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/model/settings.h"
#include "engine/pipeline/planes.h"

namespace iip {

enum class PlaneType : std::uint8_t { byte, word, real };  // 8 and 16 bits, and 32-bit floats

constexpr std::size_t bytes_of(PlaneType type) {
  return type == PlaneType::byte ? 1 : type == PlaneType::word ? 2 : 4;
}

// Planes that are filtered together: 1 or 3 of colour, then one of alpha where there is one.
// Colour is associated with it.
struct PlaneLayout {
  PlaneType type = PlaneType::byte;
  int colours = 1;
  bool alpha = false;

  int count() const { return colours + (alpha ? 1 : 0); }
};

// One axis of the window: `count` columns (or lines) of the picture from `first`; `start` and
// `length` are those of the part that is scaled, counted from `first`.
struct WindowAxis {
  std::int64_t first = 0;
  std::int64_t count = 0;
  double start = 0;
  double length = 0;
};

struct ScaledWindow {
  WindowAxis across;
  WindowAxis down;
  Size size;                                             // of the result
  Interpolation interpolation = Interpolation::bicubic;  // not nearest
};

// The part `source` of a picture of size `input`, and what the filter reaches around it.
ScaledWindow window_of(const RectF& source, const Size& input, const Size& size,
                       Interpolation interpolation);

class LineReader {
 public:
  virtual ~LineReader() = default;
  // Makes columns [left, right) of a line of the window; `planes` point to column `left`.
  virtual void read(std::int64_t line, std::size_t left, std::size_t right,
                    const PlanePointers& planes) = 0;
};

class LineWriter {
 public:
  virtual ~LineWriter() = default;
  // Takes columns [left, right) of a line of the result.
  virtual void write(std::int64_t line, std::size_t left, std::size_t right,
                     const ConstPlanePointers& planes) = 0;
};

// Errors: those of the budget; internal where zimg refuses.
Status filter_planes(const PlaneLayout& layout, const ScaledWindow& window, LineReader& reader,
                     LineWriter& writer, const Allowance& allowance);

}  // namespace iip

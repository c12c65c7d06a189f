#include "engine/image/orient.h"

#include <algorithm>
#include <cstring>

#include "engine/base/checkpoint.h"

namespace iip {

namespace {

// Source and destination of a block of this side (in pixels) stay in the first-level cache while it
// is turned.
constexpr std::int64_t kBlock = 32;

// Where the pixel of output (x, y) lies in the input: at start + x * across + y * down, in bytes.
struct Walk {
  const std::uint8_t* start;
  std::ptrdiff_t across;
  std::ptrdiff_t down;
};

Walk walk_for(const Raster& input, bool mirror, int quarter_turns) {
  const auto pixel = static_cast<std::ptrdiff_t>(input.format().pixel_bytes());
  const auto line = static_cast<std::ptrdiff_t>(input.stride());
  const std::ptrdiff_t last_column = (input.size().width - 1) * pixel;
  const std::ptrdiff_t last_line = (input.size().height - 1) * line;
  // The steps of the input after the mirror, and the corners of its rectangle.
  const std::ptrdiff_t right = mirror ? -pixel : pixel;
  const std::ptrdiff_t left_edge = mirror ? last_column : 0;
  const std::ptrdiff_t right_edge = mirror ? 0 : last_column;
  switch (quarter_turns) {
    case 1:
      return {input.row(0) + last_line + left_edge, -line, right};
    case 2:
      return {input.row(0) + last_line + right_edge, -right, -line};
    case 3:
      return {input.row(0) + right_edge, line, -right};
    default:
      return {input.row(0) + left_edge, right, line};
  }
}

// kBytes is the size of a pixel; 0: that of the raster's format.
template <std::size_t kBytes>
Status copy_along(const Walk& walk, Raster& output, const Deadline& deadline) {
  const std::size_t bytes = kBytes != 0 ? kBytes : output.format().pixel_bytes();
  const Size size = output.size();
  const std::uint64_t bytes_of_blocks = static_cast<std::uint64_t>(kBlock) * output.row_bytes();
  return for_rows(ceil_div(size.height, kBlock), bytes_of_blocks, deadline, [&](std::int64_t row) {
    const std::int64_t top = row * kBlock;
    const std::int64_t bottom = std::min(size.height, top + kBlock);
    for (std::int64_t left = 0; left < size.width; left += kBlock) {
      const std::int64_t right = std::min(size.width, left + kBlock);
      for (std::int64_t y = top; y < bottom; ++y) {
        std::uint8_t* to = output.row(y) + static_cast<std::size_t>(left) * bytes;
        for (std::int64_t x = left; x < right; ++x, to += bytes) {
          std::memcpy(to, walk.start + x * walk.across + y * walk.down, bytes);
        }
      }
    }
  });
}

using Copier = Status (*)(const Walk&, Raster&, const Deadline&);

Copier copier_for(std::size_t pixel_bytes) {
  switch (pixel_bytes) {
    case 1:
      return copy_along<1>;
    case 2:
      return copy_along<2>;
    case 3:
      return copy_along<3>;
    case 4:
      return copy_along<4>;
    case 6:
      return copy_along<6>;
    case 8:
      return copy_along<8>;
    case 12:
      return copy_along<12>;
    case 16:
      return copy_along<16>;
    default:
      return copy_along<0>;
  }
}

}  // namespace

Result<Raster> mirror_and_turn(Raster input, bool mirror, int quarter_turns,
                               const Allowance& allowance) {
  const int turns = (quarter_turns % 4 + 4) % 4;
  if (!mirror && turns == 0) return input;
  const Size size = input.size();
  const Size turned = turns % 2 == 0 ? size : Size{size.height, size.width};
  auto output = Raster::create(turned, input.format(), allowance.budget);
  if (!output) return output;

  const Walk walk = walk_for(input, mirror, turns);
  const auto copy = copier_for(input.format().pixel_bytes());
  if (auto done = copy(walk, *output, allowance.deadline); !done) return pass_on(done);
  return output;
}

}  // namespace iip

// View: one of several pictures of an object under one name. A value type.
#pragma once

#include <cstdint>

namespace iip {

// The angles of an image sequence, whose frames are files of their own; of a stack, pages of one
// file, `horizontal` is the page, from 0.
struct View {
  std::int64_t horizontal = 0;
  std::int64_t vertical = 90;

  friend bool operator==(const View&, const View&) = default;
};

}  // namespace iip
